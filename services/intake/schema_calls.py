"""Serves the contract: `/openapi.json`, and `/schemas/<type>/<major>.<minor>.json`, what `dataschema` of every event points to."""

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import FileResponse

import schemas
from services.intake.problems import Code, Problem

FOLDER = FilePath(schemas.__file__).parent / "generated"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["contract"])
    router.add_api_route("/schemas/{type_}/{version}.json", schema, methods=["GET"], response_class=FileResponse)
    router.add_api_route(
        "/openapi.json", document, methods=["GET"], response_class=FileResponse, include_in_schema=False
    )
    return router


async def document() -> Response:
    """The OpenAPI document of this API, as committed."""
    return FileResponse(FOLDER / "openapi.json", media_type="application/json", headers={"Cache-Control": "no-cache"})


async def schema(
    type_: Annotated[str, Path(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+){2,8}$")],
    version: Annotated[str, Path(pattern=r"^\d{1,3}\.\d{1,3}$")],
) -> Response:
    """The JSON Schema of one message in one version; a published version never changes."""
    path = FOLDER / type_ / f"{version}.json"
    if not path.is_file():
        raise Problem(Code.NOT_FOUND)
    return FileResponse(path, media_type="application/schema+json", headers=FOREVER)
