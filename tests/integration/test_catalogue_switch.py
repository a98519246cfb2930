"""Another release of the catalogue becomes the active one under load, and the router dies of it: what the bus then holds."""

import json
import re
import shutil
import signal
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from deploy.local.kafka import Broker, provide
from schemas.active_release import CHOOSE, SWITCH
from schemas.case_facts import case_type
from schemas.cases import CaseRecord
from schemas.catalogue import HERE, load
from schemas.topics import CASE_EVENT_LOG, CASES, COMMANDS, INCIDENTS, INCIDENTS_P0, OUTCOMES_TOPIC, ROUTER_STATE, desks
from schemas.words import Band, ClockKind, Pillar
from tests.stage.arriving import more, reports_arriving
from tests.stage.dumps import Kept, dump
from tests.stage.fleet import PATIENCE_SECONDS, Member, wait_until
from tests.stage.intake import Door, door, settled, tell
from tests.stage.product import HOUSEHOLD_PARTITIONS, Watch, product

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(180)]
SEED = 4
ACTIVE = "/v1/catalogue/active"
PHISHING = {"code": "phishing", "country": "FR"}


@dataclass(frozen=True)
class Played:
    """What was played: who was asked what, and what the bus held when all was still."""

    begun_with: Path
    old: str
    new: str
    worse: frozenset[str]
    answers: tuple[dict[str, Any], ...]
    shown: dict[str, Any]
    bus: dict[str, list[Kept]]

    def facts(self, kind: str | None = None) -> list[Kept]:
        """The facts of all cases in the order of their partitions, or those of one kind."""
        kept = self.bus[CASE_EVENT_LOG.name]
        return kept if kind is None else [one for one in kept if one.headers["ce_type"] == case_type(kind).encode()]

    def opened_under(self) -> dict[str, str]:
        """The release by which each case was opened; all of its first decisions were made by one."""
        found = {}
        for fact in self.facts("opened"):
            (found[data_of(fact)["case_id"]],) = decided_by(data_of(fact))
        return found


def data_of(record: Kept) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(record.value or b"{}")
    return told


def records(played: Played) -> Iterator[CaseRecord]:
    """Every version of every case, in the order of their partitions."""
    for record in played.bus[CASES.name]:
        if record.value is not None:
            yield CaseRecord.model_validate_json(record.value)


def decided_by(told: object) -> set[str]:
    """The releases named by all explanations in a message."""
    if isinstance(told, list):
        return set().union(*map(decided_by, told))
    if not isinstance(told, dict):
        return set()
    own = {told["catalogue"]} if {"rule", "catalogue"} <= told.keys() else set()
    return own.union(*map(decided_by, told.values()))


def begun_with(home: Path) -> Path:
    """A catalogue that is not shipped: every promise is of 60 days, and phishing more urgent."""
    copy = home / "catalogue"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__", "releases"))
    sla, incidents = copy / "sla.yaml", copy / "incidents.yaml"
    sla.write_text(re.sub(r"\b\d+ (s|min|h|d)\b", "60 d", sla.read_text("utf-8")), "utf-8")
    told = yaml.safe_load(incidents.read_text("utf-8"))
    told["codes"]["phishing"]["base"] = "P1"
    incidents.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), "utf-8")
    return copy


def killed(router: Member) -> None:
    """kill -9; returns when its next life is ready."""
    before = router.signal(signal.SIGKILL)
    wait_until("the router lives again", lambda: router.pid not in {before, None} and router.ready())


def switched(town: Door, supervisor: httpx2.Client, release: str) -> tuple[dict[str, Any], ...]:
    """Chooses the release; the router is killed when its partitions have been told, and again when they follow. What both calls
    under one key were answered."""
    router = next(member for member in town.product.members if member.instance == "router-0")
    headers = {"If-Match": supervisor.get("/v1/catalogue").headers["etag"], "Idempotency-Key": "switch"}
    watch = Watch(town.product.broker, COMMANDS.name)
    with ThreadPoolExecutor(1) as pool:
        choice = pool.submit(tell, supervisor, "PUT", ACTIVE, json={"release": release}, headers=headers)
        watch.first(b'"number":1', PATIENCE_SECONDS)
        killed(router)
        first = choice.result()
    watch.close()
    killed(router)
    again = tell(supervisor, "PUT", ACTIVE, json={"release": release}, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200), (first.text, again.text)
    return first.json(), again.json()


def become_worse(agent: httpx2.Client, cases: list[str]) -> None:
    """More becomes known of cases that are open: each is decided again."""
    for case_id in cases:
        answer = tell(agent, "POST", f"/v1/cases/{case_id}:update", json={"facts": {"signals": ["self_harm"]}})
        assert answer.status_code == 200, answer.text


def everything(broker: Broker) -> dict[str, list[Kept]]:
    """All topics of the story, once every report there is has its case."""
    names = [CASE_EVENT_LOG, CASES, COMMANDS, INCIDENTS, INCIDENTS_P0, OUTCOMES_TOPIC, ROUTER_STATE]
    kept: list[Kept] = []

    def read() -> bool:
        kept[:] = dump(broker.bootstrap_servers, *(one.name for one in names), *(desks(one).name for one in Pillar))
        reports = sum(one.topic in {INCIDENTS.name, INCIDENTS_P0.name} for one in kept)
        kinds = {case_type(kind).encode() for kind in ("opened", "report_repeated")}
        return reports == sum(one.topic == CASE_EVENT_LOG.name and one.headers["ce_type"] in kinds for one in kept)

    wait_until("every report has been read once", read)
    found = defaultdict(list)
    for one in kept:
        found[one.topic].append(one)
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The story, told once; each test below looks at one side of it."""
    broker, home = provide(), tmp_path_factory.mktemp("switch")
    catalogue = begun_with(home)
    old, new = load(catalogue).version, load(HERE).version
    try:
        with product(broker, home, catalogue) as running:
            for desk in (f"{pillar}-{country}" for pillar in Pillar for country in ("be", "fr")):
                running.on_duty(f"r-{desk}", desk, capacity=10_000)
            running.start_core(*Pillar)
            with door(running, home) as town, town.client("supervisor") as supervisor, town.client("agent") as agent:
                cases = [settled(agent, PHISHING, f"before-{number}").json()["case_id"] for number in range(8)]
                with reports_arriving(broker, SEED) as acked:
                    more(acked, 50)
                    answers = switched(town, supervisor, new)
                    become_worse(agent, cases[:4])
                    more(acked, 50)
                shown = supervisor.get("/v1/catalogue").json()["active"]
                yield Played(catalogue, old, new, frozenset(cases[:4]), answers, shown, everything(broker))
    finally:
        broker.close()


def test_in_every_partition_all_cases_before_one_position_are_decided_by_the_old_release_and_all_after_by_the_new(
    played: Played,
) -> None:
    under, order = played.opened_under(), defaultdict(list)
    for fact in played.facts("opened"):
        order[fact.partition].append(under[data_of(fact)["case_id"]])
    runs = {number: [release for release, _ in groupby(each)] for number, each in order.items()}
    assert runs == {number: [played.old, played.new] for number in range(HOUSEHOLD_PARTITIONS)}


def test_every_decision_on_a_case_is_made_by_the_release_it_was_opened_under(played: Played) -> None:
    under = played.opened_under()
    others = [
        (fact.headers["ce_type"], decided_by(data_of(fact)))
        for fact in played.facts()
        if not decided_by(data_of(fact)) <= {under[data_of(fact)["case_id"]]}
    ]
    assert others == []
    later = {data_of(fact)["case_id"] for fact in played.facts("updated") if decided_by(data_of(fact)) == {played.old}}
    assert later == played.worse


def test_no_open_case_changes_its_release_its_band_or_its_promises(played: Played) -> None:
    held = defaultdict(set)
    for record in records(played):
        dues = ((clock.name, track.track_id, clock.due) for track in record.tracks for clock in track.clocks)
        held[record.case_id].add((record.catalogue, record.band, frozenset(dues)))
    before = {case_id for case_id, release in played.opened_under().items() if release == played.old}
    assert len(before) > 30
    assert [held[case_id] for case_id in before - played.worse if len(held[case_id]) > 1] == []
    bands = {case_id: [band for _, band, _ in held[case_id]] for case_id in played.worse}
    assert [set(each) for each in bands.values()] == [{Band.P1, Band.P0}] * len(played.worse)


def test_every_case_is_promised_what_its_own_release_says(played: Played) -> None:
    under, releases = played.opened_under(), {one.version: one for one in (load(HERE), load(played.begun_with))}
    for record in records(played):
        release = releases[under[record.case_id]]
        assert record.catalogue == release.version
        for track in record.tracks:
            (promised,) = (one.due - one.started_at for one in track.clocks if one.kind is ClockKind.ACKNOWLEDGE)
            assert promised == release.promise(record.band, track.pillar, ClockKind.ACKNOWLEDGE, lead=track.lead)


def test_each_partition_switched_at_the_one_position_where_it_was_told(played: Played) -> None:
    told = [one for one in played.bus[COMMANDS.name] if one.headers["ce_type"] == SWITCH.encode()]
    assert sorted(one.partition for one in told) == list(range(HOUSEHOLD_PARTITIONS))
    remembered = defaultdict(list)
    for record in played.bus[ROUTER_STATE.name]:
        if record.key == "catalogue":
            remembered[record.partition].append((data_of(record)["release"], data_of(record).get("position")))
    assert remembered == {one.partition: [(played.old, None), (played.new, one.offset)] for one in told}
    routers = [one for one in played.shown["partitions"] if one["service"] == "router"]
    assert {one["partition"]: one["position"] for one in routers} == {one.partition: one.offset for one in told}


def test_the_switch_has_one_outcome_whoever_dies_of_it_and_every_desk_follows(played: Played) -> None:
    asked = {
        data_of(one)["command_id"] for one in played.bus[COMMANDS.name] if one.headers["ce_type"] == CHOOSE.encode()
    }
    told = [data_of(one) for one in played.bus[OUTCOMES_TOPIC.name] if data_of(one)["command_id"] in asked]
    assert len(asked) == 1
    assert [one["version"] for one in told if not one.get("repeated")] == [1]
    assert {one["version"] for one in told} == {1}
    assert played.answers[0] == played.answers[1]
    assert {one["release"] for one in played.shown["partitions"]} == {played.new}
    assert (played.shown["number"], played.shown["settled"]) == (1, True)
