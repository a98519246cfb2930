"""Was the victim one of this household on the day of the harm, and as what? Somebody nobody named is taken for a member."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from schemas.coverage import NotCovered
from schemas.households import Member


class Victim(NamedTuple):
    """`relation` is to the holder, none when nobody said; `refusal` when they were no member that day."""

    member_id: str | None = None
    relation: str | None = None
    refusal: NotCovered | None = None


def victim_of(
    members: Sequence[Member], *, member_id: str | None, relation: str | None, rostered: bool, day: date
) -> Victim:
    """The victim among `members` (their rows of the roster). A roster nobody filled in (`rostered` false) refuses nobody.

    A child of two homes is on two rosters and counts in both; who left and came back is listed twice (DOMAIN section 10).
    """
    if member_id is None or not rostered:
        return Victim(member_id, relation)
    rows = [one for one in members if one.member_id == member_id]
    if not rows:
        return Victim(member_id, relation, NotCovered.NOT_ON_THE_ROSTER)
    there = next((one for one in rows if lives_there(one, day)), None)
    if there is None:
        return Victim(member_id, rows[0].relation, NotCovered.NOT_THERE_THAT_DAY)
    return Victim(member_id, there.relation)


def lives_there(member: Member, day: date) -> bool:
    """Whether a row of the roster includes a day; both ends count."""
    text = day.isoformat()
    return (member.valid_from is None or member.valid_from <= text) and (
        member.valid_to is None or text <= member.valid_to
    )
