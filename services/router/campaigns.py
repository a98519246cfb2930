"""How many households did one attack hit? A campaign has its own key: its cases tell it how they stand, it counts them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from schemas import topics
from schemas.campaigns import CampaignCounted, CampaignCounts, CampaignMemberRecord, CampaignRecord
from schemas.case_commands import CampaignTell
from schemas.words import CaseState
from services.rules.step import Step

CAMPAIGN, MEMBER = "campaign", "campaign_case"
CAMPAIGN_KINDS = (CAMPAIGN, MEMBER)


@dataclass(slots=True)
class Campaigns:
    """The campaigns whose key lies in this partition: `records` by campaign, `members` by campaign and case."""

    records: dict[str, CampaignRecord] = field(default_factory=dict)
    members: dict[str, CampaignMemberRecord] = field(default_factory=dict)
    _counted: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)

    def restore(self, kind: str, subject: str, record: bytes) -> None:
        """Replay one record."""
        if kind == CAMPAIGN:
            self.records[subject] = CampaignRecord.model_validate_json(record)
        else:
            self._count(subject, CampaignMemberRecord.model_validate_json(record))

    def hear(self, told: CampaignTell, step: Step, now: datetime) -> int:
        """A case tells how it stands: counted once, by its newest version. Returns the campaign's version."""
        subject = f"{told.campaign_id}/{told.case_id}"
        before, known = self.records.get(told.campaign_id), self.members.get(subject)
        if before is not None and known is not None and known.case_version >= told.case_version:
            return before.version
        member = CampaignMemberRecord(
            campaign_id=told.campaign_id, case_id=told.case_id, case_version=told.case_version, counted=told.counted
        )
        self._count(subject, member)
        record = CampaignRecord(
            campaign_id=told.campaign_id,
            sponsor_id=before.sponsor_id if before else told.sponsor_id,
            version=(before.version if before else 0) + 1,
            opened_at=before.opened_at if before else now,
            changed_at=now,
            counts=_counts(self._counted[told.campaign_id]),
        )
        self.records[told.campaign_id] = record
        step.save(topics.ROUTER_STATE, f"{MEMBER}/{subject}", member)
        step.save(topics.ROUTER_STATE, f"{CAMPAIGN}/{told.campaign_id}", record)
        return record.version

    def _count(self, subject: str, member: CampaignMemberRecord) -> None:
        counted = self._counted.setdefault(member.campaign_id, Counter())
        before = self.members.get(subject)
        if before is not None:
            counted.subtract(_of(before.counted))
        counted.update(_of(member.counted))
        self.members[subject] = member


def _of(counted: CampaignCounted) -> Iterable[tuple[str, str]]:
    state = ("state", counted.state)
    if counted.state is CaseState.MERGED:
        return (state,)  # the case it goes on in is counted
    return (("cases", ""), ("code", counted.code), ("band", counted.band), state)


def _counts(counted: Counter[tuple[str, str]]) -> CampaignCounts:
    def by(kind: str) -> dict[str, int]:
        return {name: number for (of, name), number in sorted(counted.items()) if of == kind and number}

    return CampaignCounts(cases=counted["cases", ""], by_code=by("code"), by_band=by("band"), by_state=by("state"))
