"""The OpenAPI document of the API: `python -m services.intake.openapi` prints it, `--write` brings the committed file up to date."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import schemas
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from services.intake.app import bare_app
from services.intake.asks import Ask
from services.intake.case_deeds import DEEDS
from services.intake.problems import ProblemBody

COMMITTED = Path(schemas.__file__).parent / "generated" / "openapi.json"
REF = "#/components/schemas/"
NEVER_SENT = ("HTTPValidationError", "ValidationError")
MEANT = {  # parameters that mean the same at every call
    "at": "a day, YYYY-MM-DD; today unless given",
    "campaign_id": "a campaign, as its first reports were answered",
    "case_id": "a case, as its report was answered",
    "change_id": "an override or a leave, as the rota shows it",
    "code": "of a one-time link, as it was sent",
    "command_id": "a command, as a call that changes something was answered",
    "desk_id": "a desk, `<pillar>-<region>`",
    "drill_id": "a drill, as its start was answered",
    "limit": "at most so many",
    "offer_id": "an offer, as whoever is asked sees it",
    "page_id": "a page, as `GET /v1/pages` shows it",
    "responder_id": "somebody in the roster of a desk",
    "swap_id": "a swap, as the rota shows it",
    "track_id": "a pillar's part of a case, as the case shows it",
    "type_": "a type of event, as its `type` says",
    "version": "a version of its data, `<major>.<minor>`",
    "workshop_id": "a group workshop, as its planning was answered",
    "Accept-Language": "fr, nl, de or en, by preference",
    "Last-Event-ID": "the last event that was received; the stream goes on after it",
}


def document() -> dict[str, Any]:
    """The document: FastAPI's own, with our bodies and problems, and without the 422 that we never send."""
    told = bare_app().openapi()
    components: dict[str, Any] = told.setdefault("components", {}).setdefault("schemas", {})
    for name in NEVER_SENT:
        components.pop(name, None)
    for operation in _operations(told):
        operation["responses"].pop("422", None)
        for parameter in operation.get("parameters", ()):
            parameter.setdefault("description", MEANT.get(parameter["name"]))
    for path in ("/v1/incidents", "/v1/incidents:bulk"):
        _require(told["paths"][path]["post"], "Idempotency-Key")
    for verb in (name for name, deed in DEEDS.items() if deed.guarded):
        _require(told["paths"][f"/v1/cases/{{case_id}}:{verb}"]["post"], "If-Match")
    _require(told["paths"]["/v1/catalogue/active"]["put"], "If-Match")
    components |= _bodies() | _problem()
    told["components"]["schemas"] = dict(sorted(components.items()))
    lost = sorted({ref for ref in _refs(told) if ref.removeprefix(REF) not in components})
    assert not lost, f"references to nothing: {lost}"
    return told


def text() -> str:
    """The document as committed: the same bytes every time."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _bodies() -> dict[str, Any]:
    """Request bodies as `bodies.takes` names them; they are read by other rules than answers are written."""
    models: list[type[BaseModel]] = [
        ReportBody,
        HouseholdBody,
        *sorted(_kinds_of(Ask), key=lambda one: one.__name__),
    ]
    _, found = models_json_schema([(one, "validation") for one in models], ref_template=REF + "{model}-Input")
    return {f"{name}-Input": schema for name, schema in found["$defs"].items()}


def _kinds_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from _kinds_of(one)


def _problem() -> dict[str, Any]:
    schema = ProblemBody.model_json_schema(ref_template=REF + "{model}", mode="serialization")
    return {**schema.pop("$defs"), ProblemBody.__name__: schema}


def _require(operation: dict[str, Any], header: str) -> None:
    """The call itself answers 400 or 428 without this header, so FastAPI does not know that it is required."""
    for parameter in operation["parameters"]:
        parameter["required"] = parameter["required"] or parameter["name"] == header


def _operations(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in told["paths"].values():
        yield from path.values()


def _refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _refs(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _refs(inner)


def main(arguments: Sequence[str]) -> int:
    """The command line above."""
    if list(arguments) not in ([], ["--write"]):
        sys.stderr.write("usage: python -m services.intake.openapi [--write]\n")
        return 2
    if arguments:
        COMMITTED.write_text(text(), "utf-8")
    else:
        sys.stdout.write(text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
