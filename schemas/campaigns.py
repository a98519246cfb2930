"""A campaign: one attack on many households. Its cases know its id; the campaign's own record only counts them."""

from pydantic import Field

from schemas.base import Code, Fact, Id, Instant, Record, RecordPart
from schemas.words import Band, CaseState


class Campaign(Fact):
    """Which campaign a report belongs to, and the organisation (`sponsor_id`, opaque) that may see its counts."""

    campaign_id: Id
    sponsor_id: Id | None = None


class CampaignCounted(Fact):
    """What a campaign counts of one case."""

    code: Code
    band: Band
    state: CaseState


class CampaignMemberRecord(Record):
    """One case of a campaign as it was last counted, key `campaign_case/<campaign_id>/<case_id>`."""

    campaign_id: Id
    case_id: Id
    case_version: int
    counted: CampaignCounted


class CampaignCounts(RecordPart):
    """How many cases, by what is counted of them."""

    cases: int = 0
    by_code: dict[Code, int] = Field(default_factory=dict)
    by_band: dict[Code, int] = Field(default_factory=dict)
    by_state: dict[Code, int] = Field(default_factory=dict)


class CampaignRecord(Record):
    """A campaign under its own key, `campaign/<campaign_id>`."""

    campaign_id: Id
    sponsor_id: Id | None = None
    version: int
    opened_at: Instant
    changed_at: Instant
    counts: CampaignCounts = CampaignCounts()
