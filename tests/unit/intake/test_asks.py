"""Instants that callers may send: RFC 3339 with a zone, and nothing that only looks like one."""

from datetime import UTC, datetime

import httpx2
import pytest

from schemas.words import Role
from services.intake.asks import CaseSearch, Work
from services.intake.bodies import parse
from services.intake.problems import Code, Problem
from tests.unit.intake.conftest import Signer

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-01-01T00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00.000Z", "2026-01-01T02:00:00+02:00",
     "2025-12-31T23:30:00.000000000-00:30"],
)  # fmt: skip
def test_an_instant_is_read_whatever_its_zone(text: str) -> None:
    raw = f'{{"received_from": "{text}", "received_before": "{text}"}}'.encode()
    asked = parse(raw, CaseSearch)
    assert (asked.received_from, asked.received_before) == (NEW_YEAR, NEW_YEAR)
    assert parse(f'{{"next_contact_at": "{text}"}}'.encode(), Work).next_contact_at == NEW_YEAR


@pytest.mark.parametrize(
    "content",
    ['"2026-01-01T00:00:00"', '"2026-01-01"', '"2026-W01-1T00:00:00Z"', '"20260101T000000Z"', '"1795311560"', "1795311560", "true",
     '"2026-02-30T00:00:00Z"', '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"2026-01-01T00:00:00+99:00"', '""'],
)  # fmt: skip
def test_what_is_no_instant_is_a_wrong_type(content: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(f'{{"next_contact_at": {content}}}'.encode(), Work)
    assert refused.value.code is Code.WRONG_TYPE


@pytest.mark.parametrize(("instant", "status"), [("2026-01-01T00:00:00Z", 200), ("0001-01-01T00:00:00+14:00", 422)])
async def test_cases_are_searched_by_their_receipt(
    client: httpx2.AsyncClient, signer: Signer, instant: str, status: int
) -> None:
    answer = await client.post(
        "/v1/cases:search", json={"received_from": instant}, headers=signer.header(Role.SUPERVISOR)
    )
    assert answer.status_code == status
