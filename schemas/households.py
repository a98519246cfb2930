"""Households: members, what they bought, how to reach them safely."""

from typing import Annotated

from pydantic import Field

from schemas.base import Code, Fact, Id, Instant, Record
from schemas.personal import Personal, PersonalPart

SNAPSHOT = "eu.sameroof.household.v1.snapshot"
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class MemberPersonal(PersonalPart):
    """Who a member is."""

    name: Personal | None = None
    birth_year: Personal | None = None
    contact: Personal | None = None


class Member(Fact):
    """One person under the roof; ages as bands, never birth dates. `valid_from` and `valid_to` are the days they live there
    (inclusive; none: open). Who left and came back is listed twice; a child of two homes is listed in both households."""

    member_id: Id
    relation: Code
    age_band: Code | None = None
    language: Code | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    personal: MemberPersonal = MemberPersonal()


class Holding(Fact):
    """A programme somebody here holds, with the days it is held (ISO dates, inclusive; `None`: open). What nobody told is none.

    `programme` is an id or another spelling of its name; `holder_member_id` whose it is when it is one person's. For what
    comes through a firm: `employer` (an opaque id), `supplement` whether it was bought for this employee, `funded_programme`
    the contract that a works council co-funds, `budget_open` whether its social budget allows. `paid` is the premium;
    `ceiling_minor` (cents) what this contract says where the programme's ceiling is only typical.
    """

    programme: Code
    tier: Code | None = None
    valid_from: Day
    valid_to: Day | None = None
    holder_member_id: Id | None = None
    employer: Id | None = None
    supplement: bool | None = None
    funded_programme: Code | None = None
    budget_open: bool | None = None
    paid: bool | None = None
    ceiling_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None


class HouseholdPersonal(PersonalPart):
    """How the household may be reached."""

    safe_contact: Personal | None = None


class HouseholdBody(Fact):
    """What an agent or a partner tells us about a household: always the whole of it."""

    partner_id: Id | None = None
    reference: Id | None = None
    country: Code | None = None
    language: Code | None = None
    members: Annotated[tuple[Member, ...], Field(max_length=64)] = ()
    holdings: Annotated[tuple[Holding, ...], Field(max_length=32)] = ()
    personal: HouseholdPersonal = HouseholdPersonal()


class HouseholdSnapshot(HouseholdBody):
    """A partner's household (`partner.<id>.households`); `reference` is theirs and required."""

    reference: Id


class HouseholdRecord(Record):
    """The router's record of a household (`households`); `version` rises by one per change."""

    household_id: Id
    version: int
    changed_at: Instant
    body: HouseholdBody
