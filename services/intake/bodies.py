"""Reads a request's body: bounded, as strict JSON, into a frozen model. FastAPI's own reading would let duplicate keys pass."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from schemas.envelope import EnvelopeError, parse_strictly
from schemas.messages import wrong_type
from services.intake.closed_bodies import unknown_fields
from services.intake.problems import Code, Problem, problem_of, wrong_fields

LARGEST_BODY = 64 * 1024
LARGEST_SHEET = 1024 * 1024
SHEET = "text/csv"
DRAINED_AT_MOST = 8 * 1024 * 1024

M = TypeVar("M", bound=BaseModel)


async def raw_body(request: Request) -> bytes:
    """The body's bytes. Raises `Problem`: 413 when too large, 415 when it says it is something else than JSON."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(Code.UNSUPPORTED_MEDIA_TYPE, "send application/json")
    return await _read(request, LARGEST_BODY)


async def sheet_body(request: Request) -> bytes:
    """A CSV file's bytes. Raises `Problem`: 413 when too large, 415 when it says it is something else."""
    kind = request.headers.get("content-type", SHEET).partition(";")[0].strip().lower()
    if kind != SHEET:
        raise Problem(Code.UNSUPPORTED_MEDIA_TYPE, f"send {SHEET}")
    return await _read(request, LARGEST_SHEET)


async def _read(request: Request, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= largest:
            parts.append(part)
        elif size > DRAINED_AT_MOST:
            break  # a caller who sends on and on is cut off; anybody else gets to read the answer
    if size > largest:
        raise Problem(Code.TOO_LARGE, f"a body is at most {largest} bytes", headers={"Connection": "close"})
    return b"".join(parts)


def parse(raw: bytes, model: type[M]) -> M:
    """The model in `raw`, which takes no unknown field. Raises `Problem` naming places, never values."""
    try:
        told = parse_strictly(raw)
        body = model.model_validate_json(raw, strict=True)
    except EnvelopeError as refused:
        raise problem_of(refused) from None
    except ValidationError as error:
        raise problem_of(wrong_type(error)) from None
    unknown = list(unknown_fields(told, model))
    if unknown:
        raise wrong_fields(unknown)
    return body


def body_of(model: type[M], *, optional: bool = False) -> Callable[[Request], Awaitable[M]]:
    """A FastAPI dependency that reads `model`; an `optional` body may be left out."""

    async def read(request: Request) -> M:
        raw = await raw_body(request)
        request.state.body = raw
        return parse(raw or b"{}" if optional else raw, model)

    return read


def told_in(request: Request) -> dict[str, Any]:
    """What a body that `body_of` has read says, with what its model does not know."""
    told: dict[str, Any] = parse_strictly(request.state.body)
    return told


def takes(model: type[BaseModel], *, optional: bool = False) -> dict[str, Any]:
    """What the OpenAPI document says about a body read by `body_of`; `services.intake.openapi` hoists its definitions."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}-Input"}
    return {"requestBody": {"required": not optional, "content": {"application/json": {"schema": schema}}}}
