"""Raising rules as data: a tiny closed vocabulary of conditions on answers, and what a rule does when it holds (DOMAIN section 3)."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from schemas.catalogue.asked import AnswerType, Asked, Name
from schemas.catalogue.parts import Duration, Part, Sourced
from schemas.words import Band, Flag, Pillar, Signal

RuleName = Annotated[str, Field(pattern=r"^(R([1-9]|10)(\.[a-z_]+)?|[a-z_]+)$", max_length=40)]
Whole = Annotated[int, Strict(), Field(ge=0)]


class Kind(StrEnum):
    """What several codes have in common, for rules that are about more than one of them."""

    FRAUD = "fraud"
    BLACKMAIL = "blackmail"
    SEXUAL = "sexual"
    INTIMATE = "intimate"
    HARASSMENT = "harassment"
    THREAT = "threat"
    ORGANISATION = "organisation"


class Condition(Part):
    """Exactly one test of one answer: `is` true or false, `any_of` these, `over` a number or an age, `present` or not."""

    is_: Annotated[bool, Strict()] | None = Field(default=None, alias="is")
    any_of: Annotated[tuple[Whole | str, ...], Field(min_length=1)] | None = None
    over: Whole | Duration | None = None
    present: Annotated[bool, Strict()] | None = None

    @model_validator(mode="after")
    def _is_one_test(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a condition is exactly one of is, any_of, over, present")
        return self

    def misfit(self, asked: Asked) -> str | None:
        """Why this test cannot be put to such an answer; `None` when it can."""
        kind = asked.type
        if self.is_ is not None and kind is not AnswerType.BOOLEAN:
            return "only a boolean is true or false"
        if self.over is not None and not self._may_exceed(kind):
            return "a number is over a whole number, an instant over a duration"
        if self.any_of is not None:
            return self._strangers(asked)
        return None

    def _may_exceed(self, kind: AnswerType) -> bool:
        if isinstance(self.over, timedelta):
            return kind is AnswerType.INSTANT
        return kind in (AnswerType.NUMBER, AnswerType.MONEY)

    def _strangers(self, asked: Asked) -> str | None:
        wanted = self.any_of or ()
        if len(set(wanted)) < len(wanted):
            return "any_of names an answer twice"
        if asked.type is AnswerType.NUMBER:
            return None if all(isinstance(one, int) for one in wanted) else "any_of of a number lists whole numbers"
        if asked.type is not AnswerType.CODE or not all(isinstance(one, str) for one in wanted):
            return "any_of lists codes, or whole numbers"
        strange = [str(one) for one in wanted if asked.values is not None and one not in asked.values]
        return f"no such answer: {', '.join(strange)}" if strange else None


class Rule(Sourced):
    """When all of `when` hold (nothing: always), the report is raised, or read as more than its sender said.

    `near` is an offender known and near (R9), `kind` makes a rule about that kind apply, `adds` opens tracks of more pillars.
    """

    rule: RuleName
    when: dict[Name, Condition] = Field(default_factory=dict)
    to: Band | None = None
    becomes: Name | None = None
    also: Name | None = None
    signals: tuple[Signal, ...] = ()
    kind: Kind | None = None
    near: bool = False
    adds: tuple[Pillar, ...] = ()
    flags: tuple[Flag, ...] = ()

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.model_fields_set & {"to", "becomes", "also", "signals", "kind", "near", "adds", "flags"}:
            raise ValueError(f"{self.rule}: the rule does nothing")
        if self.becomes is not None and self.also is not None:
            raise ValueError(f"{self.rule}: a rule converts to one code")
        return self

    def faults(self, answers: Mapping[str, Asked]) -> Iterator[str]:
        """What is wrong with the rule, given everything that may be asked."""
        for name, condition in self.when.items():
            misfit = condition.misfit(answers[name]) if name in answers else "no such answer"
            if misfit:
                yield f"{self.rule}: {name}: {misfit}"


class Within(Sourced):
    """How close in time makes it P0, and how close P1."""

    p0: Duration = Field(alias="P0")
    p1: Duration = Field(alias="P1")

    @model_validator(mode="after")
    def _is_closer_when_more_urgent(self) -> Self:
        if self.p0 >= self.p1:
            raise ValueError("P0 is closer than P1")
        return self
