"""Commands about when somebody works at a desk: layers, overrides, swaps, leave. Each changes one rota, under its next version."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from schemas.commands import Command, DeskCommand
from schemas.rota_commands import RotaLeave, RotaOverride, RotaPut, RotaSwap
from schemas.rotas import RotaRecord, Stretch, Swap, SwapState
from schemas.words import Refusal
from services.responders.context import Context
from services.rules.answered import Verdict

KEPT = timedelta(days=60)  # what is over stays so long, for whoever looks back
LARGEST = 200 * 1024  # bytes of one rota as it is kept
S = TypeVar("S", bound=Stretch)


def subject_of(desk_id: str) -> str:
    """What a change of a desk's rota is answered about: not the desk itself, which has versions of its own."""
    return f"rota/{desk_id}"


def put_rota(command: RotaPut, context: Context) -> Verdict:
    """New layers; whatever else is planned stays."""
    rota = _rota(command, context)
    if command.expected_version is not None and command.expected_version != rota.version:
        return _refused(rota, Refusal.STALE_VERSION)
    return _save(rota, context, layers=command.layers)


def override(command: RotaOverride, context: Context) -> Verdict:
    """Somebody works instead; or does not, after all."""
    rota = _rota(command, context)
    others = [one for one in rota.overrides if one.override_id != command.override_id]
    if command.cancel:
        gone = len(others) == len(rota.overrides)
        return _refused(rota, Refusal.NOT_FOUND) if gone else _save(rota, context, overrides=tuple(others))
    added = command.override
    if added is None or not _has_layer(rota, added.layer) or not _all_here(context, command, added.who):
        return _refused(rota, Refusal.NOT_FOUND)
    return _with(rota, context, overrides=(*others, added))


def leave(command: RotaLeave, context: Context) -> Verdict:
    """Somebody is not there; or is, after all."""
    rota = _rota(command, context)
    others = [one for one in rota.leave if one.leave_id != command.leave_id]
    if command.cancel:
        gone = len(others) == len(rota.leave)
        return _refused(rota, Refusal.NOT_FOUND) if gone else _save(rota, context, leave=tuple(others))
    if command.leave is None or not _all_here(context, command, command.leave.responder_id):
        return _refused(rota, Refusal.NOT_FOUND)
    return _with(rota, context, leave=(*others, command.leave))


def swap(command: RotaSwap, context: Context) -> Verdict:
    """Asked by one, accepted or declined by the other; it counts from the acceptance on."""
    rota = _rota(command, context)
    others = [one for one in rota.swaps if one.swap_id != command.swap_id]
    there = next((one for one in rota.swaps if one.swap_id == command.swap_id), None)
    if command.state is SwapState.ASKED:
        asked = command.swap
        if asked is None or there is not None or asked.asked_by != command.responder_id:
            return _refused(rota, Refusal.WRONG_STATE)
        if not _has_layer(rota, asked.layer) or not _all_here(context, command, asked.asked_by, asked.asked_of):
            return _refused(rota, Refusal.NOT_FOUND)
        return _with(rota, context, swaps=(*others, asked))
    refused = _swap_refusal(there, command, context.telling.now)
    if there is None or refused is not None:
        return _refused(rota, refused or Refusal.NOT_FOUND)
    answered = there.model_copy(update={"state": command.state})
    changed = tuple(answered if one.swap_id == command.swap_id else one for one in rota.swaps)
    return _save(rota, context, swaps=changed)


def _swap_refusal(there: Swap | None, command: RotaSwap, now: datetime) -> Refusal | None:
    """Only who was asked answers, only who asked withdraws, once, and before it is over."""
    if there is None:
        return Refusal.NOT_FOUND
    answers = there.asked_by if command.state is SwapState.WITHDRAWN else there.asked_of
    if command.responder_id != answers:
        return Refusal.NOT_YOURS
    return None if there.state is SwapState.ASKED and now < there.ends else Refusal.WRONG_STATE


def _rota(command: DeskCommand, context: Context) -> RotaRecord:
    there = context.partition.duty.rotas.get(command.desk_id)
    return there or RotaRecord(desk_id=command.desk_id, version=0)


def _has_layer(rota: RotaRecord, name: str) -> bool:
    return any(layer.name == name for layer in rota.layers)


def _all_here(context: Context, command: DeskCommand, *people: str) -> bool:
    there = context.partition.crowd.responders
    return all(who in there and there[who].entry.desk_id == command.desk_id for who in people)


def _with(rota: RotaRecord, context: Context, **added: tuple[Stretch, ...]) -> Verdict:
    """One more of its kind, without what is long over."""
    return _save(rota, context, **{name: _recent(all_, context.telling.now) for name, all_ in added.items()})


def _recent(all_: Iterable[S], now: datetime) -> tuple[S, ...]:
    return tuple(one for one in all_ if one.ends > now - KEPT)


def _save(rota: RotaRecord, context: Context, **changed: object) -> Verdict:
    saved = rota.model_copy(update={**changed, "version": rota.version + 1})
    if len(saved.model_dump_json()) > LARGEST:
        return _refused(rota, Refusal.WRONG_STATE)
    duty, telling = context.partition.duty, context.telling
    duty.save_rota(saved, telling.step)
    duty.look_soon(saved.desk_id, telling.step, telling.now)
    return Verdict(subject_of(saved.desk_id), saved.version)


def _refused(rota: RotaRecord, why: Refusal) -> Verdict:
    return Verdict(subject_of(rota.desk_id), rota.version, why)


ROTA_HANDLERS: dict[type[Command], Callable[..., Verdict]] = {
    RotaPut: put_rota,
    RotaOverride: override,
    RotaLeave: leave,
    RotaSwap: swap,
}
