"""Every error leaves as a problem, FastAPI's own included; nothing a caller sent is repeated, nothing of ours leaks."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from schemas.messages import pointer
from services.intake.problems import MEDIA_TYPE, Code, FieldError, Problem, wrong_fields
from services.intake.wrong_fields import sentence

BY_STATUS: Mapping[int, Code] = {
    400: Code.MALFORMED_REQUEST,
    401: Code.UNAUTHENTICATED,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    413: Code.TOO_LARGE,
    415: Code.UNSUPPORTED_MEDIA_TYPE,
}
log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Puts the handlers in place."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def response_of(problem: Problem) -> Response:
    """A problem as it is sent."""
    body = problem.body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


async def _problem(_: Request, raised: Exception) -> Response:
    assert isinstance(raised, Problem), "registered for problems"
    return response_of(raised)


async def _invalid(request: Request, raised: Exception) -> Response:
    """A path, query or header that does not fit. An id nobody could have is an id that does not exist, unless it is to be made."""
    assert isinstance(raised, RequestValidationError), "registered for these"
    errors: Sequence[Any] = raised.errors()
    in_path = any(one["loc"][0] == "path" for one in errors)
    if in_path and request.method != "PUT":
        return response_of(Problem(Code.NOT_FOUND))
    places = (FieldError(detail=_detail(one), pointer="#" + pointer(tuple(one["loc"]))) for one in errors)
    return response_of(wrong_fields(places, Code.WRONG_TYPE if in_path else Code.MALFORMED_REQUEST))


def _detail(error: Any) -> str:
    said = sentence(error["type"], error.get("ctx", {}))
    in_url = error["loc"][0] == "query" and error["type"] == "no_instant"
    return f"{said}; in a URL + is written %2B" if in_url else said


async def _http(_: Request, raised: Exception) -> Response:
    assert isinstance(raised, HTTPException), "registered for these"
    code = BY_STATUS.get(raised.status_code)
    if code is None:
        code = Code.MALFORMED_REQUEST if raised.status_code < 500 else Code.INTERNAL_ERROR
    return response_of(Problem(code, headers=raised.headers))


async def _unexpected(request: Request, raised: Exception) -> Response:
    route = getattr(request.scope.get("route"), "path", "unknown")
    log.error("call.failed", route=route, method=request.method, exc_info=raised)
    return response_of(Problem(Code.INTERNAL_ERROR))
