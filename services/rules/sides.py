"""Are the people of two cases of one household on opposite sides? Then: two teams, no shared view, never joined (DOMAIN section 4)."""

from dataclasses import dataclass

from schemas.cases import CaseRecord
from schemas.words import Signal


@dataclass(frozen=True, slots=True)
class Side:
    """Who is harmed and by whom, as opaque ids of the household's roster; `same_roof` when the offender lives there."""

    victim: str | None
    offender: str | None
    same_roof: bool

    @property
    def is_taken(self) -> bool:
        """Whether anybody of the household can be on the other side."""
        return self.same_roof or self.offender is not None


def side_of(case: CaseRecord) -> Side:
    """The side a case's victim is on; a signal that a human closed still says where the offender was."""
    facts = case.facts
    return Side(
        victim=facts.victim_member_id if facts else None,
        offender=facts.offender_member_id if facts else None,
        same_roof=Signal.SAME_ROOF_OFFENDER in case.signals,
    )


def opposite(one: Side, other: Side, *, of_one_case: bool = False) -> bool:
    """Whether one's victim is, or may be, the other's offender. When nobody says who is harmed, we assume the worst; of the parts
    of one case (`of_one_case`) only when one of them came to be about somebody under the same roof and the other did not."""
    if one.victim is not None and one.victim == other.victim:
        return False
    if _harms(one, other) or _harms(other, one):
        return True
    if of_one_case and one.same_roof == other.same_roof:
        return False
    return (one.same_roof and _may_harm(other, one)) or (other.same_roof and _may_harm(one, other))


def _harms(one: Side, other: Side) -> bool:
    return other.offender is not None and other.offender == one.victim


def _may_harm(one: Side, other: Side) -> bool:
    """Whether `one`'s victim could be the person under the same roof who harms `other`'s."""
    return other.offender is None or one.victim is None
