"""What agents and supervisors are shown of a household's entitlements: what contracts say, and how far that is proven."""

from datetime import date

from schemas.base import Instant
from schemas.catalogue import Catalogue
from schemas.catalogue.terms import Figure, ProgrammeVersion, SlaOverride
from schemas.households import HouseholdBody, HouseholdRecord
from schemas.words import Band, Pillar
from services.intake.views import View
from services.rules.advising import language_of
from services.rules.entitlements import Beneficiary, Entitlements, Held, Offered, entitlements
from services.rules.limits_of import Limit
from services.rules.prevention_funding import notes_beside
from services.rules.richest import Grant


class LimitView(View):
    """At most so much; `verified` false: a default, or read somewhere and not yet checked with whoever sells it (`source`)."""

    name: str
    per: str
    period: str
    amount_minor: int | None = None
    currency: str | None = None
    count: int | None = None
    claims: int | None = None
    source: str
    verified: bool


class OfferedView(View):
    """A service of a contract; without a limit it is given as long as it takes."""

    service: str
    pillar: Pillar
    incident_codes: tuple[str, ...]
    limit: LimitView | None = None


class PilotView(View):
    """A test phase: whoever holds it by `until` keeps it; `cohort` is how many households it is for, where anybody says."""

    until: date
    cohort: int | None = None


class FundingNoteView(View):
    """What may help a firm pay for prevention: hearsay that nobody has checked and nothing is decided by. Amounts are cents."""

    note: str
    name: str
    country: str
    at_most_minor: int | None = None
    currency: str | None = None
    at_least_percent: int | None = None
    at_most_percent: int | None = None
    expires: date
    source: str
    verified: bool


class BeneficiaryView(View):
    """Whether a contract is for a member of that day's roster; `reason` why not."""

    member_id: str
    covered: bool
    reason: str | None = None


class ExclusionView(View):
    """A circumstance that takes something away, and who decides about it."""

    code: str
    effect: str
    decided_by: str


class OverrideView(View):
    """What the programme itself promises: a clock or a milestone, of a band and pillar or of all."""

    kind: str
    band: Band | None = None
    pillar: Pillar | None = None
    within_seconds: int


class HeldView(View):
    """One contract. `reason` why it gives nothing that day; `money_waits` why it would assist without money; `tier` is the one held,
    `counts_as` the one whose services and limits count instead."""

    programme: str
    version: int | None = None
    tier: str | None = None
    counts_as: str | None = None
    valid_from: str
    valid_to: str | None = None
    in_force: bool
    reason: str | None = None
    money_waits: str | None = None
    pilot: PilotView | None = None
    hours: str | None = None
    languages: tuple[str, ...] = ()
    eligibility: tuple[str, ...] = ()
    services: tuple[OfferedView, ...] = ()
    exclusions: tuple[ExclusionView, ...] = ()
    promises: tuple[OverrideView, ...] = ()
    partners: tuple[str, ...] = ()
    members: tuple[BeneficiaryView, ...] = ()
    unverified: tuple[str, ...] = ()


class RichestView(View):
    """Who gives a service when several contracts could."""

    service: str
    pillar: Pillar
    programme: str
    version: int


class EntitlementsView(View):
    """What a household is entitled to on a day. Amounts are what contracts say: nothing is promised or reserved."""

    household_id: str
    version: int
    changed_at: Instant
    at: date
    catalogue: str
    programmes: tuple[HeldView, ...]
    services: tuple[RichestView, ...]
    public_path: tuple[str, ...]
    prevention_funding: tuple[FundingNoteView, ...] = ()


def entitlements_view(record: HouseholdRecord, *, at: date, catalogue: Catalogue) -> EntitlementsView:
    """A household's entitlements as shown."""
    found = entitlements(record.body, at=at, catalogue=catalogue)
    return EntitlementsView(
        household_id=record.household_id,
        version=record.version,
        changed_at=record.changed_at,
        at=at,
        catalogue=catalogue.version,
        programmes=tuple(_held(one) for one in found.held),
        services=tuple(_richest(one) for one in found.richest),
        public_path=found.public_path,
        prevention_funding=_funding(found, record.body, catalogue),
    )


def _funding(found: Entitlements, household: HouseholdBody, catalogue: Catalogue) -> tuple[FundingNoteView, ...]:
    language, _ = language_of([household.language], household.country, catalogue)
    return tuple(
        FundingNoteView(note=name, name=one.name[language], **one.model_dump(exclude={"name"}))
        for name, one in notes_beside(found, catalogue).items()
    )


def _held(one: Held) -> HeldView:
    told = HeldView(
        programme=one.programme,
        valid_from=one.holding.valid_from,
        valid_to=one.holding.valid_to,
        in_force=one.refusal is None,
        reason=one.refusal,
        money_waits=one.money,
        tier=one.holding.tier,
        counts_as=one.tier if one.tier != one.holding.tier else None,
        pilot=_pilot(one.version),
        members=tuple(_beneficiary(member) for member in one.members),
    )
    if one.version is None or one.terms is None:
        return told
    shown = {
        "version": one.version.version,
        "hours": one.terms.hours,
        "languages": one.terms.languages,
        "eligibility": tuple(one.version.eligibility),
        "services": tuple(_offered(service, one, one.terms) for service in one.services),
        "exclusions": tuple(ExclusionView(**row.model_dump()) for row in one.terms.exclusions),
        "promises": tuple(_promised(row) for row in one.terms.sla_overrides),
        "partners": one.terms.partners,
        "unverified": tuple(figure.of for figure in one.terms.figures if not figure.verified),
    }
    return told.model_copy(update=shown)


def _pilot(version: ProgrammeVersion | None) -> PilotView | None:
    return PilotView(**version.pilot.model_dump()) if version and version.pilot else None


def _promised(row: SlaOverride) -> OverrideView:
    seconds = round(row.within.total_seconds())
    return OverrideView(kind=row.kind, band=row.band, pillar=row.pillar, within_seconds=seconds)


def _offered(one: Offered, held: Held, terms: ProgrammeVersion) -> OfferedView:
    limit = None if one.limit is None else _limit(one.limit, held, terms)
    return OfferedView(service=one.service, pillar=one.pillar, incident_codes=one.incident_codes, limit=limit)


def _limit(limit: Limit, held: Held, terms: ProgrammeVersion) -> LimitView:
    figures = {figure.of: figure for figure in terms.figures}
    family = "ceilings" if limit.amount_minor is not None else "session_limits"
    figure: Figure = figures.get(f"{family}/{limit.name}") or figures[f"{family}/{limit.name}/{held.tier}"]
    own = limit.amount_minor is not None and held.holding.ceiling_minor is not None
    return LimitView(
        name=limit.name,
        per=limit.per,
        period=limit.period,
        amount_minor=limit.amount_minor,
        currency=terms.currency if limit.amount_minor is not None else None,
        count=limit.number,
        claims=limit.claims,
        source="contract" if own else figure.source,
        verified=own or figure.verified,
    )


def _beneficiary(one: Beneficiary) -> BeneficiaryView:
    return BeneficiaryView(member_id=one.member_id, covered=one.refusal is None, reason=one.refusal)


def _richest(one: Grant) -> RichestView:
    assert one.programme is not None, "only programmes are asked here"
    assert one.version is not None, "a programme answers in one of its versions"
    return RichestView(service=one.service, pillar=one.pillar, programme=one.programme, version=one.version)
