"""Reports: what somebody told us, immutable. Partners and intake publish the same family."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from schemas.base import Actor, ClaimedTime, Code, Fact, Id, Instant
from schemas.campaigns import Campaign
from schemas.personal import Personal, PersonalData, PersonalPart
from schemas.words import Channel, Flag, Signal

SUBMITTED = "eu.sameroof.report.v1.submitted"
MOST_CODES = 16
MOST_FACTS = 32
Codes = Annotated[tuple[Code, ...], Field(max_length=MOST_CODES)]
Whole = Annotated[int, Field(ge=0, le=10**12)]


def _as_a_whole(raw: object, checked: Callable[[object], object]) -> object:
    """Refuses the mapping, never one entry: its keys are the sender's words, and no error repeats those."""
    try:
        return checked(raw)
    except ValidationError:
        raise PydanticCustomError("facts_type", "a bounded mapping of names to single answers") from None


Facts = Annotated[dict[Code, bool | Whole | Code | None], Field(max_length=MOST_FACTS), WrapValidator(_as_a_whole)]
PersonalFacts = Annotated[
    dict[Code, Annotated[str, Field(max_length=2_000)]],
    Field(max_length=16),
    WrapValidator(_as_a_whole),
    PersonalData(),
]


class ReportPersonal(PersonalPart):
    """The victim's own words and how to reach them; `facts` are the catalogue's extra answers of type `personal`."""

    free_text: Personal | None = None
    reporter_name: Personal | None = None
    victim_name: Personal | None = None
    safe_contact: Personal | None = None
    code_word: Personal | None = None
    content_urls: Annotated[
        tuple[Annotated[str, Field(max_length=2_000)], ...], Field(max_length=50), PersonalData()
    ] = ()
    facts: PersonalFacts = Field(default_factory=dict)


class ReportBody(Fact):
    """What a sender may say (DOMAIN section 3.2, Ask always). Everything is optional; a report needs a code, a signal or free text.

    `facts` are the extra answers a code asks (catalogue, `facts`): booleans, whole numbers, codes, claimed times; never words
    of their own. `victim_member_id` and `offender_member_id` are who of the household's members was harmed, and by whom;
    `victim_relation` what the victim is to the holder. `paid_at` is when money last left. Times are kept as claimed and
    flagged when naive or impossible; our receipt time rules. `household_id` is for our own agents, `household_reference` is a
    partner's; a `partner_id` that is not the sender's refuses the report.
    """

    code: Code | None = None
    secondary_codes: Codes = ()
    signals: Codes = ()
    reporter_role: Code | None = None
    victim_age_band: Code | None = None
    victim_member_id: Id | None = None
    victim_relation: Code | None = None
    work_related: bool | None = None
    posted_by_the_victim: bool | None = None
    country: Code | None = None
    language: Code | None = None
    happened_at: ClaimedTime | None = None
    discovered_at: ClaimedTime | None = None
    deadline_at: ClaimedTime | None = None
    ongoing: bool | None = None
    platform: Code | None = None
    offender_relation: Code | None = None
    offender_member_id: Id | None = None
    amount_minor: Whole | None = None
    currency: Code | None = None
    money_lost: bool | None = None
    paid_at: ClaimedTime | None = None
    address_known_to_offender: bool | None = None
    self_harm_answer: Code | None = None
    already_reported_to: Codes = ()
    consent: bool | None = None
    wellbeing_0_10: Annotated[int, Field(ge=0, le=10)] | None = None
    covert: bool = False
    drill: bool = False
    facts: Facts = Field(default_factory=dict)
    household_id: Id | None = None
    household_reference: Id | None = None
    partner_id: Id | None = None
    partner_reference: Id | None = None
    personal: ReportPersonal = ReportPersonal()


class Detected(Fact):
    """A safety signal that was seen in free text, the rule that saw it and the rule's language; never the words."""

    signal: Signal
    rule: Code
    language: Code


Detections = Annotated[tuple[Detected, ...], Field(max_length=32)]


class ReportSubmitted(Fact):
    """A report after intake accepted it (`incidents.p0`, `incidents`).

    `source` and `report_id` are the sender's dedupe pair; `body_digest` (32 hex digits) tells a retry from an id
    conflict; `received_at` is our receipt: intake's clock for HTTP, the broker's append time on the bus.
    `answer` asks the router for an outcome under `report_id`. `detected` are the signals among `body.signals` that intake saw in
    the free text.
    """

    report_id: Id
    source: Id
    body_digest: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    household_id: Id
    provisional: bool = False
    channel: Channel
    partner_id: Id | None = None
    actor: Actor
    received_at: Instant
    flags: tuple[Flag, ...] = ()
    detected: Detections = ()
    answer: bool = False
    campaign: Campaign | None = None
    body: ReportBody
