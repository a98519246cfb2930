"""What the demo sends is what the contract takes, the same for the same seed, and as urgent as its story says."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.demo.reports import MIX, mixed, words
from deploy.local.demo.screen import Screen, table, totals
from deploy.local.demo.short_clocks import write_catalogue
from deploy.local.demo.town import LANGUAGES, Household, entry, households, roster
from deploy.local.demo.vignettes import SILENT_DESK, four, unanswered
from deploy.local.demo.watching import Standing
from schemas import catalogue
from schemas.catalogue import Catalogue
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from schemas.rosters import RosterEntry
from schemas.words import Band, ClockKind, Pillar
from services.rules.desks_of import desk_of
from services.rules.triage import Triage, triage
from tests.shipped import CATALOGUE
from tests.unit.demo.evidence import Evidence

NOW = datetime(2024, 5, 3, 20, 40, tzinfo=UTC)
PARTNERS = ("proximus", "telco-fr")


@pytest.fixture(scope="module")
def town() -> list[Household]:
    return households(7, 60, PARTNERS)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return catalogue.load(write_catalogue(catalogue.HERE, tmp_path_factory.mktemp("demo") / "catalogue"))


def decided(body: dict[str, object], rules: Catalogue) -> Triage:
    return triage(ReportBody.model_validate(body), received_at=NOW, catalogue=rules)


def test_the_same_seed_is_the_same_town_and_the_same_reports(town: list[Household]) -> None:
    assert households(7, 60, PARTNERS) == town
    assert mixed(7, 100, town, NOW) == mixed(7, 100, town, NOW)
    assert mixed(8, 100, town, NOW) != mixed(7, 100, town, NOW)


def test_half_of_the_households_are_a_partners_and_every_body_is_one_of_the_contract(town: list[Household]) -> None:
    assert sum(one.partner_id is not None for one in town) == 30
    for one in town:
        HouseholdBody.model_validate(one.body)


def test_the_demos_programmes_and_incident_codes_are_the_catalogues(town: list[Household], short: Catalogue) -> None:
    held = {holding["programme"] for one in town for holding in one.body["holdings"]}
    assert held <= short.programmes.programmes.keys()
    assert short.incidents.codes.keys() >= MIX.keys()


def test_every_desk_has_its_responders_and_a_duty_lead() -> None:
    people = [
        RosterEntry.model_validate({"responder_id": one.responder_id, **entry(one, capacity=3, rings_at="http://x")})
        for one in roster(4)
    ]
    assert len(people) == 8 * 5
    assert {one.post for one in people if one.post} == {f"duty-lead-{desk}" for desk in {one.desk_id for one in people}}


def test_half_of_the_reports_come_over_http_and_all_are_reports_of_the_contract(town: list[Household]) -> None:
    drafts = mixed(7, 200, town, NOW)
    assert sum(one.partner_id is None for one in drafts) == 100
    for one in drafts:
        ReportBody.model_validate(one.body)
        assert ("household_id" in one.body) <= (one.partner_id is None)


def test_only_what_a_partner_can_tell_is_urgent_goes_through_its_urgent_door(
    town: list[Household], short: Catalogue
) -> None:
    drafts = mixed(7, 400, town, NOW)
    assert sum(one.urgent for one in drafts) > 5
    assert {decided(one.body, short).band for one in drafts if one.urgent} == {Band.P0}


def test_some_reports_come_twice_and_some_with_another_body(town: list[Household]) -> None:
    assert {one.again for one in mixed(7, 40, town, NOW)} == {None, "repeat", "conflict"}


@pytest.mark.parametrize("code", [*MIX, "ransomware"])
def test_there_are_words_for_every_code_in_every_language(code: str) -> None:
    assert all(words(code, language) for spoken in LANGUAGES.values() for language in spoken)


def test_the_vignettes_are_decided_as_their_stories_say(town: list[Household], short: Catalogue) -> None:
    acts = {one.name: [decided(body, short) for body in one.reports] for one in four(NOW, town)}
    assert {name: len(made) for name, made in acts.items()} == {"a": 1, "b": 1, "c": 1, "d": 9}
    assert (acts["a"][0].band, acts["a"][0].lead, acts["a"][0].covert) == (Band.P0, Pillar.PSYCHOLOGICAL, True)
    assert (acts["b"][0].band, acts["b"][0].lead) == (Band.P0, Pillar.FINANCIAL)
    assert (acts["c"][0].band, acts["c"][0].covert) == (Band.P1, True)
    assert {(one.code, one.band) for one in acts["d"]} == {("doxxing", Band.P1)}


def test_the_unanswered_report_is_a_p0_led_by_the_silent_desk(town: list[Household], short: Catalogue) -> None:
    body = unanswered(next(one for one in town if one.partner_id is None and one.country == "BE"))
    made = decided(body, short)
    assert made.band is Band.P0
    assert desk_of(made.lead, body["country"], body["language"], short) == SILENT_DESK


def test_the_demos_clocks_let_several_be_asked_before_the_page(short: Catalogue) -> None:
    promise = short.promise(Band.P0, Pillar.LEGAL, ClockKind.ACKNOWLEDGE, lead=True)
    assert 2 <= promise / short.sla.offer_window[Band.P0] < 5
    assert promise.total_seconds() <= 30


def test_the_demos_catalogue_changes_clocks_and_nothing_else(short: Catalogue) -> None:
    real = CATALOGUE
    assert short.version != real.version
    assert (short.incidents, short.desks, short.programmes) == (real.incidents, real.desks, real.programmes)


def standing() -> Standing:
    found = Standing()
    for record in Evidence().report(1, band="P0").report(2).dump().records:
        if record.topic in {"progress", "case.events"} or record.topic.startswith("dispatch"):
            found.take_in(record)
    return found


def test_the_table_has_a_line_for_every_desk_with_what_it_holds() -> None:
    lines = {line.split()[0]: line.split()[1:] for line in table(standing())}
    assert len(lines) == 2 + 8
    assert lines["legal-be"] == [".", "1", ".", "1", ".", ".", ".", ".", "."]
    assert totals(standing()).startswith("2 cases, 2 tracks: 0 waiting, 2 taken, 0 done; 2 offers, 0 pages")


def test_the_table_fits_eighty_columns() -> None:
    assert max(len(line) for line in table(standing())) < 80


def test_progress_read_before_its_dispatch_is_not_forgotten() -> None:
    records = Evidence().report(1).dump().records
    found = Standing()
    for record in sorted(records, key=lambda one: one.topic != "progress"):
        if record.topic in {"progress", "dispatch.legal"}:
            found.take_in(record)
    assert found.totals() == {"taken": 1}


def test_without_a_terminal_every_sentence_is_a_plain_line() -> None:
    out = io.StringIO()
    screen = Screen(out, {"TERM": "xterm"})
    screen.begin("An act.")
    screen.tell("PAGE delivered")
    screen.paint(standing())
    assert "An act." in out.getvalue()
    assert "\x1b" not in out.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("term", "redraws"), [("xterm", True), ("dumb", False)])
def test_a_terminal_is_redrawn_unless_it_is_dumb(term: str, redraws: bool) -> None:
    out = Terminal()
    screen = Screen(out, {"TERM": term})
    screen.begin("An act.")
    screen.paint(standing())
    screen.paint(standing())
    assert ("\x1b[" in out.getvalue()) is redraws


def test_the_catalogue_is_written_anew_each_time(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "old.yaml").write_text("left: over")
    write_catalogue(catalogue.HERE, folder)
    assert not (folder / "old.yaml").exists()
