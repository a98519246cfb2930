"""`advice.yaml` and `advice_<language>.yaml`: what is said in the first minutes, in which order, and what never is (DOMAIN section 3.2)."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import Checked, Part, Sourced, Untrue
from schemas.words import Language, Signal

Words = Annotated[str, Field(min_length=2, max_length=240)]
Lines = tuple[Words, ...]
Step = Annotated[int, Field(ge=1)]


class Signpost(Sourced):
    """Where a code or signal refers to, and which of its steps somebody near the caller could notice (counted from 1)."""

    refer: tuple[str, ...]
    noticed: tuple[Step, ...] = ()


class Spoken(Part):
    """Which language is spoken to a caller whose own is not known: by country, else `default`."""

    default: Language
    by_country: dict[str, Language]


class AdviceIndex(Part):
    """`advice.yaml`: what the four languages share."""

    source: str
    verified: bool = False
    languages: Spoken
    ask: tuple[str, ...]
    skipped_in_p0: tuple[str, ...]
    floor: tuple[Signal, ...]
    first: tuple[str, ...]
    optional: tuple[str, ...]
    signals: dict[Signal, Signpost]
    codes: dict[str, Signpost]

    @model_validator(mode="after")
    def _asks_about_self_harm_first_and_always(self) -> Self:
        if self.ask[:1] != ("self_harm_answer",) or "self_harm_answer" in self.skipped_in_p0:
            raise Untrue("ask: the self-harm question comes first and is never skipped")
        return self

    @model_validator(mode="after")
    def _keeps_the_safety_floor(self) -> Self:
        if set(self.floor) != set(Signal) or len(self.floor) != len(Signal):
            raise ValueError("floor: every signal once")
        if self.signals.keys() != set(Signal):
            raise ValueError("signals: every signal has its referrals, or none on purpose")
        if self.first[:1] != ("emergency",):
            raise Untrue("first: the emergency services come first")
        for signal, key in FLOOR_KEYS.items():
            if key not in self.signals[signal].refer:
                raise Untrue(f"signals/{signal}/refer: {key} is part of the safety floor")
        return self


FLOOR_KEYS: Mapping[Signal, str] = {
    Signal.SELF_HARM: "suicide_line",
    Signal.MINOR: "minors_line",
    Signal.PHYSICAL_DANGER: "emergency",
    Signal.SAME_ROOF_OFFENDER: "domestic_violence",
    Signal.CHILD_SEXUAL_CONTENT: "illegal_content",
}
"""What each signal shows whatever the contract (DOMAIN section 4)."""


class SignalWords(Checked):
    """What is said about a safety signal."""

    say: Annotated[Lines, Field(min_length=1)]
    never: Annotated[Lines, Field(min_length=1)]


class CodeWords(Checked):
    """What is said about an incident code: what to keep, what to do now in this order, and what nobody may say or do."""

    keep: Words
    say: Annotated[Lines, Field(min_length=1)]
    never: Annotated[Lines, Field(min_length=1)]


class AdviceWords(Sourced):
    """`advice_<language>.yaml`: all words of one language. `never` lines are for whoever takes the call, the others for the caller."""

    language: Language
    always: Annotated[Lines, Field(min_length=1)]
    never: Annotated[Lines, Field(min_length=1)]
    covert: Annotated[Lines, Field(min_length=1)]
    ask: dict[str, Words]
    signals: dict[Signal, SignalWords]
    codes: dict[str, CodeWords]
