"""`programmes.yaml`: what a household can have bought, the services there are, and where anybody may turn (DOMAIN section 2)."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from schemas.catalogue.parts import Part
from schemas.catalogue.programme_words import Condition, Scope
from schemas.catalogue.terms import Amount, Figure, ProgrammeVersion, ServiceOffered
from schemas.words import Pillar, Signal


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("no such time zone") from None


class Service(Part):
    """A service of a pillar. `money`: it pays somebody, so it waits for paperwork. `helps`: the incident codes it is of use for."""

    pillar: Pillar
    money: bool = False
    helps: tuple[str, ...] | Literal["any"]

    def is_of_use_for(self, code: str) -> bool:
        """Whether it helps with an incident."""
        return self.helps == "any" or code in self.helps


class PublicPath(Part):
    """Where somebody without a contract turns: public programmes by country, referral keys by pillar and by concern."""

    programmes: Mapping[str, tuple[str, ...]]
    pillars: Mapping[Pillar, Annotated[tuple[str, ...], Field(min_length=1)]]
    for_minors: tuple[str, ...]
    always_open: str


class MoneyTerms(Part):
    """What money asks of every programme unless its contract says otherwise."""

    report_within_months: Amount
    figures: tuple[Figure, ...]

    @model_validator(mode="after")
    def _says_where_it_comes_from(self) -> Self:
        if [(one.of, one.value) for one in self.figures] != [("report_within_months", self.report_within_months)]:
            raise ValueError("figures: report_within_months needs one figure with the value in force")
        return self


class Programme(Part):
    """A programme under its id: other spellings of its name, whether it is public (held by nobody), its versions by date."""

    aliases: tuple[str, ...] = ()
    public: bool = False
    versions: Annotated[tuple[ProgrammeVersion, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_one_version_per_day(self) -> Self:
        if len({one.version for one in self.versions}) < len(self.versions):
            raise ValueError("versions: two have the same number")
        ordered = sorted(self.versions, key=lambda one: one.valid_from or date.min)
        for earlier, later in pairwise(ordered):
            if earlier.valid_to is None or later.valid_from is None or later.valid_from <= earlier.valid_to:
                raise ValueError(f"versions: validity of {earlier.version} and {later.version} overlaps")
        if self.public is not all(one.beneficiary_scope is Scope.ANYBODY for one in self.versions):
            raise ValueError("public: exactly a public programme is for anybody")
        return self

    @property
    def country(self) -> str:
        """Where it is sold now; `any` for a clause found everywhere."""
        return self.versions[-1].country

    def version_on(self, day: date) -> ProgrammeVersion | None:
        """The version for harm on a day; none when it was not offered then."""
        for one in self.versions:
            if (one.valid_from is None or one.valid_from <= day) and (one.valid_to is None or day <= one.valid_to):
                return one
        return None


class Programmes(Part):
    """`programmes.yaml`. `zone` is where a day begins; `relations` are words for family, for holders and for others under the roof."""

    source: str
    zone: Annotated[str, AfterValidator(_zone)]
    services: dict[str, Service]
    floor: dict[Signal, tuple[str, ...]]
    advice: str
    relations: dict[Literal["holder", "family", "outside"], tuple[str, ...]]
    public_path: PublicPath
    money: MoneyTerms
    programmes: dict[str, Programme]

    @cached_property
    def clock_zone(self) -> ZoneInfo:
        """The zone in which contracts count days."""
        return ZoneInfo(self.zone)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        aliases = {spelt(alias): name for name, one in self.programmes.items() for alias in one.aliases}
        return aliases | {spelt(name): name for name in self.programmes}

    @cached_property
    def needed(self) -> Callable[[tuple[str, ...], tuple[Pillar, ...]], tuple[str, ...]]:
        """The services of some pillars that are of use for any of some incident codes, in the catalogue's order."""

        @lru_cache(maxsize=4_096)
        def needed(codes: tuple[str, ...], pillars: tuple[Pillar, ...]) -> tuple[str, ...]:
            of_use = (name for name, one in self.services.items() if any(one.is_of_use_for(code) for code in codes))
            return tuple(name for name in of_use if self.services[name].pillar in pillars)

        return needed

    @cached_property
    def public_lines(self) -> Callable[[str, tuple[str, ...], date], Mapping[str, bool]]:
        """The public programmes of a country that name one of the incidents, and whether each answers day and night."""

        @lru_cache(maxsize=4_096)
        def lines(country: str, codes: tuple[str, ...], day: date) -> Mapping[str, bool]:
            found: dict[str, bool] = {}
            for name in self.public_path.programmes.get(country, ()):
                version = self.programmes[name].version_on(day)
                if version is not None and not version.covered_codes.isdisjoint(codes):
                    found[name] = version.hours == "always"
            return found

        return lines

    @cached_property
    def offered(self) -> Callable[..., Mapping[str, ServiceOffered | None]]:
        """What a version of a programme offers of the services needed: `((programme, version), tier, codes, pillars)`; none
        where another tier has it. A service it does not name for these incidents is not in the answer."""

        @lru_cache(maxsize=4_096)
        def offered(
            source: tuple[str, int], tier: str | None, codes: tuple[str, ...], pillars: tuple[Pillar, ...]
        ) -> Mapping[str, ServiceOffered | None]:
            terms = next(one for one in self.programmes[source[0]].versions if one.version == source[1])
            found: dict[str, ServiceOffered | None] = {}
            for service in self.needed(codes, pillars):
                mine = {
                    one for one in codes if one in terms.covered_codes and self.services[service].is_of_use_for(one)
                }
                rows = [row for row in terms.services if row.service == service and mine & set(row.codes or mine)]
                if mine and rows:
                    found[service] = next((row for row in rows if not row.tiers or tier in row.tiers), None)
            return found

        return offered

    def find(self, name: str) -> str | None:
        """The id of a programme by its id or another spelling: case, accents, punctuation and @ for a do not matter."""
        return name if name in self.programmes else self._spellings.get(spelt(name))

    @model_validator(mode="after")
    def _names_only_what_it_has(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        known = self.services.keys()
        for signal, services in self.floor.items():
            yield from (f"floor/{signal}: {one} is no service" for one in services if one not in known)
            yield from (
                f"floor/{signal}: {one} is money" for one in services if one in known and self.services[one].money
            )
        if self.advice not in known or self.services[self.advice].money:
            yield f"advice: {self.advice} is no service without money"
        yield from (
            f"public_path/pillars: {pillar} is missing" for pillar in Pillar if pillar not in self.public_path.pillars
        )
        for country, names in self.public_path.programmes.items():
            public = {name for name in names if name in self.programmes and self.programmes[name].public}
            yield from (f"public_path/{country}: {name} is no public programme" for name in names if name not in public)
        for name, programme in self.programmes.items():
            stolen = [alias for alias in programme.aliases if self._spellings[spelt(alias)] != name]
            yield from (f"programmes/{name}/aliases: {alias} reads like another programme's name" for alias in stolen)
            for number, version in enumerate(programme.versions):
                place = f"programmes/{name}/versions/{number}"
                yield from (f"{place}/{fault}" for fault in self._faults_of(version))

    def _faults_of(self, version: ProgrammeVersion) -> Iterator[str]:
        ceilings = {one.guarantee for one in version.ceilings}
        for offered in version.services:
            service = self.services.get(offered.service)
            if service is None:
                yield f"services: {offered.service} is no service"
            elif service.pillar is not offered.pillar:
                yield f"services: {offered.service} belongs to {service.pillar}"
            elif service.money and offered.limit not in ceilings:
                yield f"services: {offered.service} is money and has no ceiling"
            if set(offered.codes) - set(version.incident_codes):
                yield f"services: {offered.service} is for incidents the programme does not name"
        words = {word for list_ in self.relations.values() for word in list_}
        yield from (f"relations_allowed: {one} is no relation" for one in version.relations_allowed if one not in words)
        if version.of_funded_contract is not (Condition.WORK_LINK in version.eligibility):
            yield "of_funded_contract: goes with work_link"


def spelt(name: str) -> str:
    """A name as compared: lower case letters and digits, accents dropped, @ read as a."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("@", "a"))
    return "".join(letter for letter in plain if letter.isalnum())
