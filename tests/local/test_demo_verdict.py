"""The demo's verdict on a real small run: good as it is; with one report dropped, then one doubled, it exits 1 and says why."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deploy.local.demo import dump as dumps
from deploy.local.demo.arrivals import arrivals_of
from deploy.local.demo.dump import Dump, Record
from deploy.local.home import CHECKOUT, Home

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(150)]

REPORTS = 20
Doctored = Callable[[Dump, str], Dump]


@dataclass(frozen=True)
class Run:
    """A run that is over: its logs, its dump, what the demo printed, and one of its reports of each door."""

    home: Home
    printed: str

    @property
    def dump(self) -> Dump:
        return dumps.load(self.home.folder / "demo" / "dump.jsonl")

    def case_of(self, source: str) -> str:
        """The case of the first report from a source."""
        opened = arrivals_of(self.dump).opened
        return next(cases[0] for pair, cases in opened.items() if pair[0].startswith(source))

    def verdict(self, dump: Dump | None = None) -> subprocess.CompletedProcess[str]:
        """The verdict step as `make demo` runs it, on the dump as it was or as given."""
        file = self.home.folder / "demo" / "dump.jsonl"
        if dump is not None:
            file = self.home.folder / "doctored.jsonl"
            dumps.save(dump, file)
        return subprocess.run(
            [
                *(sys.executable, "-m", "deploy.local.demo.verdict", "--stack", str(self.home.stack)),
                *("--logs", str(self.home.folder / "demo"), "--out", str(self.figures), "--dump", str(file)),
            ],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def figures(self) -> Path:
        return self.home.folder / "judged.json"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Real broker, real processes, a few reports over both doors; the stack is down again when it is over."""
    home = Home(tmp_path_factory.mktemp("demo"))
    command = [sys.executable, "-m", "deploy.local.demo", "--home", str(home.folder), "--brief"]
    size = ["--reports", str(REPORTS), "--households", "12", "--responders", "2", "--rate", "20"]
    done = subprocess.run(
        [*command, *size],
        cwd=CHECKOUT,
        env={**os.environ, "DEMO_KEEP": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=140,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return Run(home, done.stdout)


def everything_of(dump: Dump, case: str) -> Callable[[Record], bool]:
    """Whether a record is about a case: by key, by its event's correlation, or as a track of it."""
    tracks = {track["track_id"] for one in dump.latest("cases") if one.key == case for track in one.data["tracks"]}
    keys = {case, *tracks, *(f"track/{track}" for track in tracks)}
    return lambda one: one.key in keys or one.headers.get("ce_correlationid") == case


def drop_its_events(dump: Dump, case: str) -> Dump:
    return replace(dump, records=tuple(one for one in dump.records if (one.topic, one.key) != ("case.events", case)))


def drop_every_trace(dump: Dump, case: str) -> Dump:
    about = everything_of(dump, case)
    return replace(dump, records=tuple(one for one in dump.records if not about(one)))


def double_its_events(dump: Dump, case: str) -> Dump:
    again = [one for one in dump.records if (one.topic, one.key) == ("case.events", case)]
    return replace(dump, records=(*dump.records, *again))


def double_its_case(dump: Dump, case: str) -> Dump:
    """The same report attached to a second case, as if two routers had each opened one."""
    opened = next(one for one in dump.records if one.key == case and one.fact == "opened")
    other = {**opened.data, "case_id": "another-case"}
    return replace(dump, records=(*dump.records, replace(opened, key="another-case", value=json.dumps(other))))


def double_its_dispatches(dump: Dump, case: str) -> Dump:
    again = [one for one in dump.records if one.topic.startswith("dispatch") and one.data.get("case_id") == case]
    return replace(dump, records=(*dump.records, *again))


def test_the_verdict_on_the_run_as_it_was_is_good(run: Run) -> None:
    judged = run.verdict()
    assert (judged.returncode, judged.stderr) == (0, "")
    figures = json.loads(run.figures.read_text())
    assert figures["reports"] == REPORTS
    assert (figures["lost"], figures["duplicated"], figures["unassigned"]) == (0, 0, 0)
    assert figures["balanced"] is True


def test_the_demo_wrote_the_figures_it_promises(run: Run) -> None:
    figures = json.loads((run.home.folder / "demo.json").read_text())
    promised = {"reports", "cases", "tracks", "offered", "accepted", "unassigned", "pages", "lost", "duplicated"}
    assert promised | {"receipt_to_offer_ms"} <= figures.keys()
    assert figures["cases"] == REPORTS
    assert figures["accepted"] == figures["offered"] == sum(figures["tracks"].values())
    assert all({"p50", "p99"} <= wait.keys() for wait in figures["receipt_to_offer_ms"].values())


def test_both_doors_were_used_and_bad_records_became_dead_letters(run: Run) -> None:
    assert {pair[0] for pair in arrivals_of(run.dump).opened} > {"urn:sameroof:intake"}
    assert json.loads((run.home.folder / "demo.json").read_text())["dead_letters"] >= 2


def test_nothing_is_left_running(run: Run) -> None:
    assert not run.home.stack.exists()
    assert not run.home.running.exists()


@pytest.mark.parametrize("source", ["urn:sameroof:intake", "urn:partner:"])
@pytest.mark.parametrize("dropped", [drop_its_events, drop_every_trace])
def test_with_one_report_dropped_it_exits_1(run: Run, dropped: Doctored, source: str) -> None:
    judged = run.verdict(dropped(run.dump, run.case_of(source)))
    assert judged.returncode == 1
    assert json.loads(run.figures.read_text())["lost"] == 1
    assert "lost: " in judged.stderr


@pytest.mark.parametrize("source", ["urn:sameroof:intake", "urn:partner:"])
@pytest.mark.parametrize("twice", [double_its_events, double_its_case])
def test_with_one_report_doubled_it_exits_1(run: Run, twice: Doctored, source: str) -> None:
    judged = run.verdict(twice(run.dump, run.case_of(source)))
    assert judged.returncode == 1
    assert json.loads(run.figures.read_text())["duplicated"] == 1
    assert "done twice: " in judged.stderr


def test_with_its_tracks_dispatched_twice_it_exits_1(run: Run) -> None:
    judged = run.verdict(double_its_dispatches(run.dump, run.case_of("urn:partner:")))
    assert judged.returncode == 1
    assert "under epoch 1" in judged.stderr
