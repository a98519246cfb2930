"""What coverage is decided from: nothing else, so that the recorded words of it suffice to decide again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from json import JSONEncoder
from typing import Any

from pydantic import TypeAdapter

from schemas.catalogue import Catalogue
from schemas.households import Holding, HouseholdBody, Member
from schemas.reports import ReportBody
from schemas.words import Band, Pillar, Signal
from services.rules.claimed_times import read_claimed
from services.rules.rosters import Victim, victim_of


@dataclass(frozen=True, slots=True)
class Asked:
    """`day` is the harm's, `received` our receipt's, both where the household lives; `pillars` the lead first; `members` are
    the victim's rows of the roster, `rostered` whether it has any row. `placed`: whether anybody knows the household."""

    day: date
    received: date
    band: Band
    codes: tuple[str, ...]
    pillars: tuple[Pillar, ...]
    signals: tuple[Signal, ...] = ()
    placed: bool = True
    country: str | None = None
    victim_member_id: str | None = None
    victim_relation: str | None = None
    work_related: bool | None = None
    posted_by_the_victim: bool | None = None
    rostered: bool = False
    members: tuple[Member, ...] = ()
    holdings: tuple[Holding, ...] = ()

    def told(self) -> str:
        """Everything that was said, as JSON: what an explanation keeps."""
        said = {name: getattr(self, name) for name in _NAMES}
        said |= {"day": self.day.isoformat(), "received": self.received.isoformat(), "placed": self.placed and None}
        for name in ("members", "holdings"):
            said[name] = [_said(one.__dict__) for one in said[name]]
        return _ENCODER.encode(_said(said))


_NAMES = tuple(one.name for one in fields(Asked))
_ADAPTER = TypeAdapter(Asked)
_ENCODER = JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _said(told: Mapping[str, Any]) -> dict[str, Any]:
    """Without what nobody said; who a member is was left out before."""
    return {name: one for name, one in told.items() if one not in (None, (), []) and name != "personal"}


def read_asked(told: str) -> Asked:
    """What `told` wrote. Raises `pydantic.ValidationError` for anything else."""
    return _ADAPTER.validate_json(told)


def victim_in(question: Asked) -> Victim:
    """Who was harmed, as far as anybody says."""
    return victim_of(
        question.members,
        member_id=question.victim_member_id,
        relation=question.victim_relation,
        rostered=question.rostered,
        day=question.day,
    )


def asked(
    household: HouseholdBody | None,
    facts: ReportBody,
    *,
    codes: Sequence[str],
    band: Band,
    signals: Sequence[Signal],
    pillars: Sequence[Pillar],
    received_at: datetime,
    catalogue: Catalogue,
) -> Asked:
    """Gathers it. The harm's day is the claimed one if that is plausible and not after our receipt, else our receipt's."""
    zone = catalogue.programmes.clock_zone
    return Asked(
        day=_harmed_at(facts, received_at).astimezone(zone).date(),
        received=received_at.astimezone(zone).date(),
        band=band,
        codes=tuple(dict.fromkeys(codes)),
        pillars=tuple(dict.fromkeys(pillars)),
        signals=tuple(signals),
        placed=household is not None,
        country=facts.country or (household.country if household else None),
        victim_member_id=facts.victim_member_id,
        victim_relation=facts.victim_relation,
        work_related=facts.work_related,
        posted_by_the_victim=facts.posted_by_the_victim,
        rostered=household is not None and bool(household.members),
        members=_rows(household, facts.victim_member_id) if household else (),
        holdings=household.holdings if household else (),
    )


def _harmed_at(facts: ReportBody, received_at: datetime) -> datetime:
    claimed = read_claimed(facts.happened_at, received_at=received_at).instant
    return claimed if claimed is not None and claimed <= received_at else received_at


def _rows(household: HouseholdBody, member_id: str | None) -> tuple[Member, ...]:
    """The member's rows of the roster, without anything personal."""
    return tuple(
        Member(member_id=one.member_id, relation=one.relation, valid_from=one.valid_from, valid_to=one.valid_to)
        for one in household.members
        if one.member_id == member_id
    )


def without_personal(body: HouseholdBody) -> HouseholdBody:
    """A household as another one's router may see it: who lives there as what, what they hold, no names and no contacts."""
    empty = type(body.personal)()
    members = tuple(one.model_copy(update={"personal": type(one.personal)()}) for one in body.members)
    return body.model_copy(update={"members": members, "personal": empty})
