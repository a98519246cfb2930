"""Writes the Grafana dashboard from `deploy.k8s.panels`; `python -m deploy.k8s.generate --check` fails when it is out of date."""

import json
import sys
import warnings
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from deploy.k8s.panels import ROWS, Panel, Query

with warnings.catch_warnings():  # the SDK prefers its next dashboard format; every Grafana in use imports this one
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models.dashboard import Dashboard as DashboardModel
    from grafana_foundation_sdk.models.dashboard import (
        DashboardCursorSync,
        DataSourceRef,
        FieldColorModeId,
        Threshold,
        ThresholdsMode,
    )

TARGET = Path(__file__).parent / "monitoring" / "dashboard.json"
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTH, NUMBER_WIDTH, HEIGHT, NUMBER_HEIGHT = 12, 4, 8, 4


def build() -> DashboardModel:
    """The dashboard: one row of numbers that must be looked at first, then rows of curves."""
    board = (
        dashboard.Dashboard("Sameroof")
        .uid("sameroof")
        .tags(["sameroof"])
        .description("From the report to the responder. Written by deploy.k8s.generate; edits here are lost.")
        .time("now-6h", "now")
        .refresh("30s")
        .timezone("utc")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    )
    ids = count(1)
    for title, panels in ROWS.items():
        board = board.with_row(dashboard.Row(title).id(next(ids)))
        for panel in panels:
            board = board.with_panel((_number(panel) if panel.single else _curves(panel)).id(next(ids)))
    return board.build()


def _curves(panel: Panel) -> timeseries.Panel:
    drawn = timeseries.Panel().title(panel.title).description(panel.says).unit(panel.unit).datasource(SOURCE)
    drawn = drawn.span(WIDTH).height(HEIGHT).axis_soft_min(0).fill_opacity(10)
    for place, query in enumerate(panel.queries):
        drawn = drawn.with_target(_target(query, place))
    return drawn.thresholds(_alarm()) if panel.must_be_zero else drawn


def _number(panel: Panel) -> stat.Panel:
    drawn = stat.Panel().title(panel.title).description(panel.says).unit(panel.unit).datasource(SOURCE)
    drawn = (
        drawn.span(NUMBER_WIDTH).height(NUMBER_HEIGHT).reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    for place, query in enumerate(panel.queries):
        drawn = drawn.with_target(_target(query, place).instant())
    if not panel.must_be_zero:
        return drawn
    return drawn.thresholds(_alarm()).color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))


def _target(query: Query, place: int) -> prometheus.Dataquery:
    made = prometheus.Dataquery().expr(query.expression).ref_id(chr(ord("A") + place)).datasource(SOURCE)
    return made.legend_format(query.legend) if query.legend else made


def _alarm() -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color="green"), Threshold(value=0.000001, color="red")]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def text() -> str:
    """The dashboard's JSON as it is committed."""
    return json.dumps(build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    """`python -m deploy.k8s.generate [--check]`; exit status 1 when the committed file differs."""
    if list(arguments) not in ([], ["--check"]):
        print("usage: python -m deploy.k8s.generate [--check]")
        return 2
    if not arguments:
        TARGET.write_text(text(), "utf-8")
    elif not TARGET.is_file() or TARGET.read_text("utf-8") != text():
        print(
            "deploy/k8s/monitoring/dashboard.json: out of date. Run `python -m deploy.k8s.generate` and commit the result."
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
