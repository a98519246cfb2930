"""Rosters and rotas as CSV, in and out. A file with an error changes nothing, and `dry_run` says what it would do."""

import asyncio
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from schemas.base import Actor
from schemas.commands import ResponderPut
from schemas.outcomes import OutcomeRefused
from schemas.rosters import RosterEntry
from schemas.rotas import Layer, RotaRecord
from services.intake import responder_queries, rota_queries
from services.intake.answering import TAKEN
from services.intake.at_desk import people_of
from services.intake.bodies import SHEET, sheet_body
from services.intake.calling import (
    Api,
    DryRun,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    Supervisor,
    TheApi,
    command_id,
    put_version,
)
from services.intake.commanding import desk_command
from services.intake.problems import FieldError, wrong_fields
from services.intake.roster_sheet import Listed, entries_in
from services.intake.roster_sheet import sheet_of as roster_sheet
from services.intake.rota_asks import RotaBody
from services.intake.rota_calls import new_layers, send, strangers
from services.intake.rota_sheet import layers_in
from services.intake.rota_sheet import sheet_of as rota_sheet
from services.intake.sheets import BadSheet, Row, at_line
from services.intake.views import View

Sheet = Annotated[bytes, Depends(sheet_body)]
AT_ONCE = 8
What = Literal["entered", "replaced", "unchanged", "removed"]


class RowView(View):
    """What becomes of one row; `outcome` and `reason` once it was sent to its desk."""

    line: int | None = None
    subject: str
    what: What
    outcome: Literal["done", "refused", "pending"] | None = None
    reason: str | None = None


class ImportView(View):
    """What a file changes, row by row; with errors it changes nothing."""

    dry_run: bool
    rows: tuple[RowView, ...] = ()
    errors: tuple[FieldError, ...] = ()


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["files"])
    gives: dict[int | str, dict[str, Any]] = {200: {"content": {SHEET: {"schema": {"type": "string"}}}}}
    see = partial(router.add_api_route, methods=["GET"], response_class=Response, responses=gives)
    desk = "/v1/desks/{desk_id}"
    takes = {"requestBody": {"required": True, "content": {SHEET: {"schema": {"type": "string"}}}}}
    put = partial(
        router.add_api_route,
        methods=["PUT"],
        response_model=ImportView,
        response_model_exclude_none=True,
        openapi_extra=takes,
    )
    see(desk + "/roster.csv", roster)
    put(desk + "/roster.csv", put_roster)
    see(desk + "/rota.csv", rota)
    put(desk + "/rota.csv", put_rota, responses=TAKEN)
    return router


# -------------------------------------------------------------------------------------------------------------- rosters
async def roster(api: TheApi, _: Supervisor, desk_id: str) -> Response:
    """A desk's roster as CSV, names and addresses included."""
    await people_of(api, desk_id)
    found = await api.model.ask(rota_queries.roster(desk_id))
    return Response(roster_sheet(one.entry for one in found.values()), media_type=SHEET)


async def put_roster(
    api: TheApi,
    actor: Supervisor,
    desk_id: str,
    raw: Sheet,
    *,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> ImportView:
    """Enters and replaces responders from a CSV file; who is not in it stays. Each row is answered by its desk on its own."""
    await people_of(api, desk_id)
    known = await api.model.ask(rota_queries.roster(desk_id))
    before = {who: record.entry for who, record in known.items()}
    try:
        listed = entries_in(raw, desk_id, before, api.catalogue.skills)
        await _refuse_who_is_elsewhere(api, desk_id, listed)
    except BadSheet as bad:
        return _refused(bad, dry_run=dry_run)
    if dry_run:
        return ImportView(dry_run=True, rows=tuple(_row(one, before) for one in listed))
    room = asyncio.Semaphore(AT_ONCE)

    async def enter(one: Listed) -> RowView:
        async with room:
            version = known[one.entry.responder_id].version if one.entry.responder_id in known else 0
            return await _enter(api, actor, idempotency_key, one, row=_row(one, before), version=version)

    return ImportView(dry_run=False, rows=tuple(await asyncio.gather(*map(enter, listed))))


async def _refuse_who_is_elsewhere(api: Api, desk_id: str, listed: list[Listed]) -> None:
    homes = [(one, await api.model.ask(responder_queries.responder(one.entry.responder_id))) for one in listed]
    wrong = [
        at_line(one.line, "responder_id", "is at another desk already")
        for one, home in homes
        if home is not None and home.entry.desk_id != desk_id
    ]
    if wrong:
        raise BadSheet(wrong)


def _row(one: Listed, before: dict[str, RosterEntry]) -> RowView:
    known = before.get(one.entry.responder_id)
    what: What = "entered" if known is None else "unchanged" if known == one.entry else "replaced"
    return RowView(line=one.line, subject=one.entry.responder_id, what=what)


async def _enter(api: Api, actor: Actor, key: str | None, one: Listed, *, row: RowView, version: int) -> RowView:
    if row.what == "unchanged":
        return row
    who, desk_id = one.entry.responder_id, one.entry.desk_id
    command = ResponderPut(
        command_id=command_id(api, actor, key, "roster", who),
        actor=actor,
        received_at=api.now(),
        expected_version=version,
        desk_id=desk_id,
        entry=one.entry,
    )
    sent = desk_command("responder_put", command, key=who)
    outcome = await api.commander.ask(command.command_id, sent)
    if isinstance(outcome, OutcomeRefused):
        return row.model_copy(update={"outcome": "refused", "reason": outcome.reason.value})
    return row.model_copy(update={"outcome": "pending" if outcome is None else "done"})


def _refused(bad: BadSheet, *, dry_run: bool) -> ImportView:
    if not dry_run:
        raise wrong_fields(bad.errors)
    return ImportView(dry_run=True, errors=tuple(bad.errors))


# ---------------------------------------------------------------------------------------------------------------- rotas
async def rota(api: TheApi, _: Supervisor, desk_id: str) -> Response:
    """The layers of a desk's rota as CSV."""
    return Response(rota_sheet((await _rota(api, desk_id)).layers), media_type=SHEET)


async def put_rota(
    api: TheApi,
    actor: Supervisor,
    desk_id: str,
    raw: Sheet,
    *,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Replaces a desk's layers by those of a CSV file, as `PUT .../rota` does."""
    known = await people_of(api, desk_id)
    try:
        listed = layers_in(raw)
        layers = tuple(layer for _, layer in listed)
        _refuse_strangers(listed, known)
    except BadSheet as bad:
        return JSONResponse(_refused(bad, dry_run=dry_run).model_dump(mode="json", exclude_none=True))
    if dry_run:
        before = await _rota(api, desk_id)
        lines = {layer.name: row.line for row, layer in listed}
        shown = ImportView(dry_run=True, rows=_compared(before.layers, layers, lines))
        return JSONResponse(shown.model_dump(mode="json", exclude_none=True))
    version = put_version(if_match, if_none_match)
    command = new_layers(api, actor, idempotency_key, desk_id, layers=layers, version=version)
    return await send(api, "rota_put", command, body=RotaBody(layers=layers))


def _refuse_strangers(listed: list[tuple[Row, Layer]], known: frozenset[str]) -> None:
    wrong = [at_line(row.line, "people", one.detail) for row, layer in listed for one in strangers((layer,), known)]
    if wrong:
        raise BadSheet(wrong)


def _compared(before: tuple[Layer, ...], after: tuple[Layer, ...], lines: dict[str, int]) -> tuple[RowView, ...]:
    known = {layer.name: layer for layer in before}

    def what(layer: Layer) -> What:
        return "entered" if layer.name not in known else "unchanged" if known[layer.name] == layer else "replaced"

    kept = [RowView(line=lines[layer.name], subject=layer.name, what=what(layer)) for layer in after]
    return (*kept, *(RowView(subject=name, what="removed") for name in known if name not in lines))


async def _rota(api: Api, desk_id: str) -> RotaRecord:
    await people_of(api, desk_id)
    return await api.model.ask(rota_queries.rota(desk_id)) or RotaRecord(desk_id=desk_id, version=0)
