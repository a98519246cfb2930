"""`referrals.yaml`: whom we refer to, by key, country and language (DOMAIN section 3.3)."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import Part, Sourced, Untrue
from schemas.words import Language

_CONTACTS = {
    "phone": r"\d[\d ]*\d",
    "text": r"\d+",
    "mail": r"[a-z0-9.]+@[a-z0-9.-]+\.[a-z]+",
    "web": r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]+(/[a-z0-9/-]*)?",
}
Named = Annotated[str, Field(min_length=1, max_length=160)]


class By(StrEnum):
    """How a line is reached; `person` has no number: the caller's own bank, the nearest police."""

    PHONE = "phone"
    TEXT = "text"
    MAIL = "mail"
    WEB = "web"
    PERSON = "person"


class Audience(StrEnum):
    """Whom a line is for, when not for everybody."""

    MINORS = "minors"
    ADULTS = "adults"


class Line(Sourced):
    """One place to turn to. `always_open` says day and night, every day; unknown when left out."""

    name: Named | dict[Language, Named]
    contact: str | None = None
    by: By
    languages: tuple[Language, ...] = ()
    always_open: bool | None = None
    audience: Audience | None = None

    @model_validator(mode="after")
    def _can_be_reached_as_it_says(self) -> Self:
        if isinstance(self.name, dict) and set(self.name) != set(Language):
            raise ValueError("name: one name, or one per language")
        if (self.contact is None) != (self.by is By.PERSON):
            raise Untrue("contact: everybody but a person has one")
        if self.contact is not None and re.fullmatch(_CONTACTS[self.by], self.contact) is None:
            raise Untrue(f"contact: this is nothing to {self.by}")
        return self

    def called(self, language: Language) -> str:
        """Its name in a language."""
        return self.name[language] if isinstance(self.name, dict) else self.name


class Key(Part):
    """The lines of one key, by country (ISO 3166-1), and for any other country."""

    audience: Audience | None = None
    countries: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], tuple[str, ...]] = Field(default_factory=dict)
    elsewhere: Annotated[tuple[str, ...], Field(min_length=1)]

    def lines_in(self, country: str) -> tuple[str, ...]:
        """The names of its lines in a country."""
        return self.countries.get(country, self.elsewhere)


class Referrals(Part):
    """`referrals.yaml`."""

    source: str
    verified: bool = False
    lines: dict[str, Line]
    keys: dict[str, Key]

    @model_validator(mode="after")
    def _names_lines_there_are(self) -> Self:
        for name, key in self.keys.items():
            for country, lines in {**key.countries, "elsewhere": key.elsewhere}.items():
                unknown = [line for line in lines if line not in self.lines]
                if unknown or not lines:
                    raise ValueError(
                        f"keys/{name}/{country}: {', '.join(unknown) or 'nothing'} is no line of this file"
                    )
        return self

    @property
    def countries(self) -> tuple[str, ...]:
        """Every country with lines of its own."""
        return tuple(sorted({country for key in self.keys.values() for country in key.countries}))
