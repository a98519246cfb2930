"""One language's file: groups of words that mean the same, phrases that mean nothing, and rules over groups."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from schemas.words import Signal

_ENTRY = re.compile(r"(?:[^\W_]+\*?|\d+[:.]\d+|<[a-z_]+>)(?:[ '-](?:[^\W_]+\*?|<[a-z_]+>))*")
_SHORT = re.compile(r"[^\W_]{1,3}\*")


def _entries(raw: object) -> object:
    """`a, b c, d*` as people write it; the parts are trimmed."""
    return tuple(part.strip() for part in raw.split(",")) if isinstance(raw, str) else raw


def _sequences(raw: object) -> object:
    """`want die | prefer dead` becomes two sequences of group names."""
    return tuple(tuple(part.split()) for part in raw.split("|")) if isinstance(raw, str) else raw


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
Entries = Annotated[tuple[str, ...], BeforeValidator(_entries), Field(min_length=1)]
Sequences = Annotated[
    tuple[Annotated[tuple[Name, ...], Field(min_length=1, max_length=5)], ...],
    BeforeValidator(_sequences),
    Field(min_length=1),
]
Names = Annotated[tuple[Name, ...], BeforeValidator(lambda raw: tuple(raw.split()) if isinstance(raw, str) else raw)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Denial(StrEnum):
    """Where a negation takes a rule's meaning away: inside or beside what was said, only inside, or nowhere."""

    AROUND = "around"
    INSIDE = "inside"
    NEVER = "never"


class Reach(StrEnum):
    """How the groups of a sequence must stand: in this order, in any order of one sentence, or anywhere in the text."""

    ORDER = "order"
    SENTENCE = "sentence"
    TEXT = "text"


class Rule(_Part):
    """What raises a signal: any of `say`, its groups at most `within` words apart.

    Nothing is raised by a sentence that holds a group of `unless`.
    """

    say: Sequences
    within: Annotated[int, Field(ge=0, le=12)] = 3
    reach: Reach = Reach.ORDER
    denied: Denial = Denial.AROUND
    unless: Names = ()


class Negation(_Part):
    """Words that deny, how many words before and after they reach, and words their reach does not cross."""

    words: Entries
    before: Annotated[int, Field(ge=0, le=5)]
    after: Annotated[int, Field(ge=0, le=5)]
    stop: Entries


class Language(_Part):
    """A language's file.

    An entry is a word, several words, or a beginning with `*` (four letters or more); `<group>` stands for any word of a group.
    `everyday` words tell the language, `set_aside` are phrases whose words mean nothing of what they seem to, `real_words` are
    never taken for misspellings.
    """

    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    negation: Negation
    everyday: Entries
    set_aside: Entries
    real_words: Entries
    groups: dict[Name, Entries]
    rules: dict[Signal, dict[Name, Rule]]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self._well_written()
        used = {name for _, _, rule in self.each_rule() for name in rule.unless}
        used |= {name for _, _, rule in self.each_rule() for sequence in rule.say for name in sequence}
        used |= {name for entry in self.every_entry() for name in re.findall(r"<([a-z_]+)>", entry)}
        if unknown := sorted(used - self.groups.keys()):
            raise ValueError(f"groups: no group is called {', '.join(unknown)}")
        if idle := sorted(self.groups.keys() - used):
            raise ValueError(f"groups: no rule uses {', '.join(idle)}")
        if missing := [signal for signal in Signal if not self.rules.get(signal)]:
            raise ValueError(f"rules: {', '.join(missing)} has none")
        return self

    def _well_written(self) -> None:
        for entry in self.every_entry():
            if not _ENTRY.fullmatch(entry):
                raise ValueError(f"'{entry}' is not words, a beginning with * or <group>")
            if _SHORT.match(entry):
                raise ValueError(f"'{entry}': a beginning has four letters or more")

    def every_entry(self) -> tuple[str, ...]:
        """Every entry of the file, wherever it stands."""
        grouped = (entry for entries in self.groups.values() for entry in entries)
        return (*grouped, *self.set_aside, *self.real_words, *self.everyday, *self.negation.words, *self.negation.stop)

    def each_rule(self) -> tuple[tuple[Signal, str, Rule], ...]:
        """Signal, name and rule, in the order of the file."""
        return tuple((signal, name, rule) for signal, rules in self.rules.items() for name, rule in rules.items())
