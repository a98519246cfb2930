"""Households: members, what they bought, how to reach them safely."""

from typing import Annotated

from pydantic import Field

from schemas.base import Code, Fact, Id, Instant, Record
from schemas.personal import Personal, PersonalPart

SNAPSHOT = "eu.sameroof.household.v1.snapshot"


class MemberPersonal(PersonalPart):
    """Who a member is."""

    name: Personal | None = None
    birth_year: Personal | None = None
    contact: Personal | None = None


class Member(Fact):
    """One person under the roof; ages as bands, never birth dates."""

    member_id: Id
    relation: Code
    age_band: Code | None = None
    language: Code | None = None
    personal: MemberPersonal = MemberPersonal()


class Holding(Fact):
    """A programme the household holds, with the days it is held (ISO dates, inclusive; `None`: open)."""

    programme: Code
    tier: Code | None = None
    valid_from: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    valid_to: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


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
