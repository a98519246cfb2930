"""The dashboard: generated, committed, and made of questions that Prometheus understands about metrics that exist."""

import importlib
import inspect
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from deploy.k8s.exposed import exposed, named
from deploy.k8s.generate import TARGET, main, text
from schemas.words import Pillar
from tests.unit.deploy.rendered import ROOT, kubectl

BOARD: dict[str, Any] = json.loads(TARGET.read_text("utf-8"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = sorted({target["expr"] for panel in PANELS for target in panel["targets"]})
ADDED_BY_PROMETHEUS = {"instance", "job"}
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def metric_modules() -> list[ModuleType]:
    """Every module of the services that declares metrics, and where the processor counts what is unread."""
    paths = [path for path in (ROOT / "services").rglob("*.py") if path.stem.endswith("metrics")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return [importlib.import_module(name) for name in (*names, "services.runtime.processor.service")]


def declared_classes() -> Iterator[Any]:
    """The classes that declare metrics on a registry, and the collectors that are asked at each scrape."""
    for module in metric_modules():
        own = [one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__]
        yield from (
            one for one in own if hasattr(one, "collect") or list(inspect.signature(one).parameters) == ["registry"]
        )


class Nothing:
    """No machines and no lags: what a collector reads at a process that owns no partition."""

    def items(self) -> list[tuple[int, Any]]:
        return []

    def values(self) -> list[Any]:
        return []

    def lags(self) -> dict[int, dict[str, int]]:
        return {}


@cache
def declared() -> dict[str, frozenset[str]]:
    """Every sample name a process of ours exposes, and its labels, read from the declarations themselves."""
    found: dict[str, frozenset[str]] = {}
    for one in declared_classes():
        registry = CollectorRegistry()
        if hasattr(one, "collect"):
            takes = inspect.signature(one).parameters
            given = [Pillar.LEGAL if name == "pillar" else Nothing() for name in takes]
            registry.register(one(*given))
        else:
            one(registry)
        for collector in list(registry._collector_to_names):
            for family in collector.collect() if not isinstance(collector, MetricWrapperBase) else collector.describe():
                source: Any = collector if isinstance(collector, MetricWrapperBase) else family
                for suffix in SUFFIXES[family.type]:
                    extra = {"le"} if suffix == "_bucket" else set()
                    found[family.name + suffix] = frozenset({*source._labelnames, *extra})
    process = CollectorRegistry()
    ProcessCollector(registry=process)
    return found | {sample.name: frozenset() for family in process.collect() for sample in family.samples}


def parsed(expression: str) -> Any:
    return promql_parser.parse(expression.replace("$__rate_interval", "5m"))


def nodes(node: Any) -> Iterator[Any]:
    """The node and everything below it, in the order it is written."""
    yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        inner = getattr(node, name, None)
        if inner is not None:
            yield from nodes(inner)
    for inner in getattr(node, "args", None) or []:
        yield from nodes(inner)


def selectors(expression: str) -> list[Any]:
    return [node for node in nodes(parsed(expression)) if isinstance(node, promql_parser.VectorSelector)]


def labels_used(node: Any) -> Iterator[tuple[Any, set[str]]]:
    """For each selector: its metric, and the labels it is matched or grouped by anywhere above it."""

    def walk(current: Any, grouped: set[str]) -> Iterator[tuple[Any, set[str]]]:
        if isinstance(current, promql_parser.AggregateExpr) and current.modifier is not None:
            grouped = grouped | set(current.modifier.labels)
        if isinstance(current, promql_parser.VectorSelector):
            yield current.name, grouped | {matcher.name for matcher in current.matchers.matchers}
            return
        for name in ("expr", "lhs", "rhs", "vector_selector"):
            inner = getattr(current, name, None)
            if inner is not None:
                yield from walk(inner, grouped)
        for inner in getattr(current, "args", None) or []:
            yield from walk(inner, grouped)

    yield from walk(node, set())


def test_the_committed_dashboard_is_current() -> None:
    assert TARGET.read_text("utf-8") == text()
    assert main(["--check"]) == 0


def test_the_check_fails_when_the_dashboard_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited = tmp_path / "dashboard.json"
    edited.write_text(text().replace("Open cases", "Cases"), "utf-8")
    monkeypatch.setattr("deploy.k8s.generate.TARGET", edited)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_question_parses_and_names_metrics_that_exist(expression: str) -> None:
    asked = {selector.name for selector in selectors(expression)}
    assert asked
    assert asked - declared().keys() == set()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_question_groups_and_matches_by_labels_the_metric_has(expression: str) -> None:
    for metric, used in labels_used(parsed(expression)):
        assert used - declared()[metric] - ADDED_BY_PROMETHEUS == set(), metric


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_counter_is_only_asked_for_its_growth(expression: str) -> None:
    for selector in selectors(expression):
        if re.search(r"_(total|bucket|sum|count)$", selector.name) and selector.name != "sameroof_book_count":
            assert re.search(rf"(rate|increase)\({selector.name}[^()]*\[", expression), selector.name


def test_every_panel_says_what_it_shows_in_which_unit_from_the_chosen_source() -> None:
    for panel in PANELS:
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_panels_have_their_own_ids_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    cells = [
        (place["x"] + right, place["y"] + down)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for right in range(place["w"])
        for down in range(place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_the_first_metrics_are_all_asked_for() -> None:
    """The list of the first metrics: received, cases, offers, time to offer, clocks, lateness, lag, books, dead letters, restarts."""
    asked = {selector.name for expression in EXPRESSIONS for selector in selectors(expression)}
    assert asked >= {
        "sameroof_reports_received_total",
        "sameroof_cases_opened_total",
        "sameroof_tracks_dispatched_total",
        "sameroof_offers_made_total",
        "sameroof_receipt_to_offer_seconds_bucket",
        "sameroof_clocks_settled_total",
        "sameroof_breach_late_seconds_bucket",
        "sameroof_deadline_late_seconds_bucket",
        "sameroof_input_lag_records",
        "sameroof_book_count",
        "sameroof_book_difference",
        "sameroof_records_rejected_total",
        "sameroof_edge_dead_letters_total",
        "sameroof_partition_halted",
        "process_start_time_seconds",
    }


def test_the_monitoring_manifests_hand_the_dashboard_to_grafana() -> None:
    done = subprocess.run(
        [kubectl(), "kustomize", str(ROOT / "deploy" / "k8s" / "monitoring")],
        check=True,
        capture_output=True,
        text=True,
    )
    (map_,) = yaml.safe_load_all(done.stdout)
    assert map_["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(map_["data"]["sameroof.json"]) == BOARD


def test_the_declarations_are_read_from_every_kind_of_process() -> None:
    """Guards the tests above: an empty list of metrics would be noticed, and so would one that admits anything."""
    assert "sameroof_invented_total" not in declared()
    assert len(declared()) > 50
    assert declared()["sameroof_clocks_settled_total"] == {"pillar", "band", "kind", "result"}
    assert declared()["sameroof_desk_tracks"] >= {"desk", "band", "state"}


def test_what_the_stack_check_looks_for_is_what_the_dashboard_asks() -> None:
    asked = {selector.name for expression in EXPRESSIONS for selector in selectors(expression)}
    assert named(text()) == asked


def test_the_stack_check_finds_metrics_that_have_no_sample_yet() -> None:
    registry = CollectorRegistry()
    Counter("sameroof_one", "One", ["band"], registry=registry)
    Gauge("sameroof_two", "Two", ["band"], registry=registry)
    Histogram("sameroof_three_seconds", "Three", ["band"], registry=registry)
    names = {"sameroof_one_total", "sameroof_two", "sameroof_three_seconds_bucket"}
    assert exposed([generate_latest(registry).decode()]) == names
