"""Puts the API together: calls, problems, metrics. Built by `serving`, by tests, and by `services.intake.openapi`."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query

import services.intake.board_calls
import services.intake.calendar_calls
import services.intake.campaign_calls
import services.intake.case_calls
import services.intake.case_deeds
import services.intake.catalogue_calls
import services.intake.desk_deeds
import services.intake.handover_calls
import services.intake.household_calls
import services.intake.link_calls
import services.intake.reach_calls
import services.intake.report_calls
import services.intake.responder_calls
import services.intake.rota_calls
import services.intake.schema_calls
import services.intake.sheet_calls
import services.intake.supervisor_calls
import services.intake.swap_calls
import services.intake.track_calls
import services.intake.workshop_calls
from services.intake import failing
from services.intake.calling import Api
from services.intake.metrics import IntakeMetrics
from services.intake.problems import MEDIA_TYPE, Code, Problem, ProblemBody

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Any failure, as an RFC 9457 problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemBody.__name__}"}}},
    }
}

CALLS = (
    services.intake.report_calls,
    services.intake.campaign_calls,
    services.intake.case_calls,
    services.intake.case_deeds,
    services.intake.household_calls,
    services.intake.responder_calls,
    services.intake.track_calls,
    services.intake.supervisor_calls,
    services.intake.desk_deeds,
    services.intake.handover_calls,
    services.intake.rota_calls,
    services.intake.swap_calls,
    services.intake.sheet_calls,
    services.intake.calendar_calls,
    services.intake.workshop_calls,
    services.intake.reach_calls,
    services.intake.link_calls,
    services.intake.catalogue_calls,
    services.intake.board_calls,
    services.intake.schema_calls,
)


async def no_strange_parameter(request: Request) -> None:
    """A change with a query parameter that its call does not know is refused: a mistyped `dry_run` would be done for real."""
    if request.method == "GET" or not request.query_params:
        return
    parameters = get_flat_params(request.scope["route"].dependant)
    known = sorted(one.alias for one in parameters if isinstance(one.field_info, Query))
    if not {*request.query_params} <= {*known}:
        raise Problem(Code.MALFORMED_REQUEST, f"this call's query parameters are: {', '.join(known) or 'none'}")


def bare_app() -> FastAPI:
    """The calls without anything behind them: enough for the OpenAPI document."""
    app = FastAPI(
        title="Sameroof intake",
        version="1.0",
        summary="Reports, cases, households, offers and tracks, desks and pages.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=PROBLEM,
        dependencies=[Depends(no_strange_parameter)],
        generate_unique_id_function=lambda route: f"{route.tags[0]}_{route.name}",
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for module in CALLS:
        app.include_router(module.routes())
    failing.install(app)
    return app


def app_of(api: Api) -> FastAPI:
    """The application of a process."""
    app = bare_app()
    app.state.api = api
    app.add_middleware(Timed, metrics=api.metrics)
    return app


class Timed:
    """Times calls by route template, never by path: ids stay out of metrics."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], metrics: IntakeMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), [500]

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            if route != "/v1/stream":  # a stream lasts as long as somebody looks
                labels = (scope["method"], route, str(status[0]))
                self._metrics.calls.labels(*labels).observe(time.monotonic() - started)
