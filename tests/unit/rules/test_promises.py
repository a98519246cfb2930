"""What a track promises: the matrix of DOMAIN section 8, the lead of a P0, milestones of its services, its programmes' own promises."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.catalogue.terms import SlaOverride
from schemas.coverage import Effect, GrantedBy
from schemas.words import Band, ClockKind, Pillar
from services.rules.asked_of_promises import Asked, asked, read_asked
from services.rules.promises import About, milestones_of, overrides_of, promise_of, promises_of
from tests.shipped import CATALOGUE
from tests.unit.intake.records import golden_case

START = datetime(2026, 3, 20, 21, 40, tzinfo=UTC)
MATRIX = {
    Band.P0: {"technical": "2m 5m 30m 24h", "legal": "15m 1h 12h 15d", "financial": "2m 5m 1h 10d", "psychological": "2m 5m 2h 30d"},
    Band.P1: {"technical": "10m 30m 4h 3d", "legal": "1h 4h 24h 30d", "financial": "10m 30m 24h 20d", "psychological": "15m 1h 24h 45d"},
    Band.P2: {"technical": "1h 4h 24h 7d", "legal": "4h 24h 3d 45d", "financial": "4h 24h 3d 30d", "psychological": "2h 24h 3d 60d"},
    Band.P3: {"technical": "8h 24h 5d 10d", "legal": "24h 48h 7d 30d", "financial": "24h 48h 7d 30d", "psychological": "8h 24h 7d 60d"},
}  # fmt: skip
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
FOUR = (ClockKind.ACKNOWLEDGE, ClockKind.FIRST_RESPONSE, ClockKind.NEXT_CONTACT, ClockKind.RESOLVE)
CELLS = [
    (band, Pillar(pillar), kind, timedelta(**{UNITS[cell[-1]]: int(cell[:-1])}))
    for band, row in MATRIX.items()
    for pillar, cells in row.items()
    for kind, cell in zip(FOUR, cells.split(), strict=True)
]


def promised(kind: str, within: str, *, band: Band | None = None, pillar: Pillar | None = None) -> SlaOverride:
    return SlaOverride.model_validate({"kind": kind, "within": within, "band": band, "pillar": pillar})


def about(
    band: Band, pillar: Pillar, *services: str, lead: bool = False, overrides: tuple[SlaOverride, ...] = ()
) -> About:
    return About(band, pillar, lead, "fr", services=services, overrides=overrides)


@pytest.mark.parametrize(("band", "pillar", "kind", "within"), CELLS)
def test_every_cell_of_the_matrix(band: Band, pillar: Pillar, kind: ClockKind, within: timedelta) -> None:
    assert promise_of(kind, about(band, pillar), CATALOGUE).within == within


@pytest.mark.parametrize("pillar", Pillar)
def test_the_lead_track_of_a_p0_answers_in_two_and_speaks_in_five_minutes_whatever_its_pillar(pillar: Pillar) -> None:
    led = about(Band.P0, pillar, lead=True)
    assert promise_of(ClockKind.ACKNOWLEDGE, led, CATALOGUE).due(START) == START + timedelta(minutes=2)
    assert promise_of(ClockKind.FIRST_RESPONSE, led, CATALOGUE).due(START) == START + timedelta(minutes=5)


def test_milestones_are_those_of_the_tracks_services() -> None:
    def names(band: Band, pillar: Pillar, *services: str) -> list[str]:
        return [one.name for one in milestones_of(about(band, pillar, *services), CATALOGUE)]

    assert names(Band.P0, Pillar.FINANCIAL, "funds_stop", "purchase_refund") == ["funds_stop_call", "refund_decision"]
    assert names(Band.P0, Pillar.FINANCIAL) == []
    assert names(Band.P1, Pillar.TECHNICAL, "takedown", "funds_stop") == ["first_takedown_request"]
    assert names(Band.P2, Pillar.TECHNICAL, "takedown") == []


def test_each_milestone_is_due_when_it_was_promised() -> None:
    def due(name: str, band: Band, pillar: Pillar, service: str) -> datetime:
        (found,) = (one for one in milestones_of(about(band, pillar, service), CATALOGUE) if one.name == name)
        return found.due(START)

    assert due("funds_stop_call", Band.P0, Pillar.FINANCIAL, "funds_stop") == START + timedelta(minutes=15)
    assert due("first_takedown_request", Band.P0, Pillar.TECHNICAL, "takedown") == START + timedelta(hours=1)
    assert due("first_takedown_request", Band.P1, Pillar.TECHNICAL, "takedown") == START + timedelta(hours=4)
    assert due("complaint_appointment", Band.P3, Pillar.LEGAL, "complaint_file") == START + timedelta(hours=24)
    in_paris = datetime(2026, 4, 3, 22, 0, tzinfo=UTC)  # the midnight that ends Friday 3 April there
    assert due("refund_decision", Band.P2, Pillar.FINANCIAL, "purchase_refund") == in_paris


def test_a_programme_may_promise_more_and_for_p0_only_more() -> None:
    sooner = promised("resolve", "12 h")
    later = promised("resolve", "20 d")

    def within(band: Band, override: SlaOverride) -> timedelta:
        return promise_of(ClockKind.RESOLVE, about(band, Pillar.TECHNICAL, overrides=(override,)), CATALOGUE).within

    assert (within(Band.P0, sooner), within(Band.P2, sooner)) == (timedelta(hours=12), timedelta(hours=12))
    assert (within(Band.P0, later), within(Band.P2, later)) == (timedelta(hours=24), timedelta(days=20))


def test_of_several_programmes_the_strictest_counts_and_others_concern_nobody_else() -> None:
    said = (
        promised("resolve", "10 h"),
        promised("resolve", "6 h"),
        promised("resolve", "1 h", band=Band.P3),
        promised("resolve", "1 h", pillar=Pillar.LEGAL),
    )
    found = promise_of(ClockKind.RESOLVE, about(Band.P1, Pillar.TECHNICAL, overrides=said), CATALOGUE)
    assert (found.within, found.rule) == (timedelta(hours=6), "programme.sla_overrides")


def test_removal_within_24_hours_is_promised_by_whose_programme_says_so_and_nobody_else() -> None:
    removal = promised("takedown_done", "24 h")
    with_it = about(Band.P2, Pillar.TECHNICAL, "takedown", overrides=(removal,))
    assert [(one.name, one.within) for one in milestones_of(with_it, CATALOGUE)] == [
        ("takedown_done", timedelta(hours=24))
    ]
    assert milestones_of(about(Band.P2, Pillar.TECHNICAL, "takedown"), CATALOGUE) == ()


def test_overrides_are_those_of_the_version_that_gives_the_track_a_service() -> None:
    name, version = next(
        (name, version)
        for name, programme in CATALOGUE.programmes.programmes.items()
        for version in programme.versions
        if version.sla_overrides
    )
    given = GrantedBy(programme=name, version=version.version, effect=Effect.COVERED, services=("takedown",))
    floor = GrantedBy(effect=Effect.FLOOR, services=("takedown",))

    def promised_on_top(grant: GrantedBy, *services: str) -> tuple[SlaOverride, ...]:
        case, track = golden_case().model_copy(update={"granted": (grant,)}), golden_case().tracks[0]
        question = asked(case, track.model_copy(update={"services": services}))
        assert read_asked(question.told()) == question
        return overrides_of(question.programmes, CATALOGUE)

    assert promised_on_top(given, "takedown", "device_cleanup") == version.sla_overrides
    assert promised_on_top(given, "funds_stop") == ()
    assert promised_on_top(given.model_copy(update={"version": 99}), "takedown") == ()
    assert promised_on_top(given.model_copy(update={"programme": "of_another_release"}), "takedown") == ()
    assert promised_on_top(floor, "takedown") == ()


FIXED_HOLIDAYS = {
    "be": ["01-01", "05-01", "07-21", "08-15", "11-01", "11-11", "12-25"],
    "fr": ["01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"],
}


@pytest.mark.parametrize(("region", "day"), [(region, day) for region, days in FIXED_HOLIDAYS.items() for day in days])
def test_a_decision_promised_in_working_days_never_counts_a_holiday_of_its_region(region: str, day: str) -> None:
    question = Asked(Band.P2, Pillar.FINANCIAL, lead=True, desk=f"financial-{region}", services=("purchase_refund",))
    promise = promises_of(question, CATALOGUE, next_contact_at=None)["refund_decision"]
    on_weekdays = (date.fromisoformat(f"{year}-{day}") for year in range(2026, 2034))
    holiday = next(one for one in on_weekdays if one.weekday() in {1, 2, 3})
    eve = datetime(holiday.year, holiday.month, holiday.day, 10, tzinfo=UTC) - timedelta(days=1)
    ends = replace(promise, working_days=1).due(eve).astimezone(ZoneInfo(promise.zone))
    assert (ends - timedelta(seconds=1)).date() == holiday + timedelta(days=1)
