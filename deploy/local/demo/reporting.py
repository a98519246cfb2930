"""Sends one report over HTTP, as a call centre's software would, and logs how that ended."""

import json
from datetime import UTC, datetime
from typing import Any

from deploy.local.demo.api import Answer, Caller, CallFailed
from deploy.local.demo.sendlog import SendLog, Sent

TAKEN = {200, 201, 202}


async def report(
    agent: Caller, log: SendLog, body: dict[str, Any], *, key: str, act: str, kind: str = "report"
) -> Answer:
    """The answer to the report; status 0 when nobody ever answered."""
    sent_at = _now()
    try:
        answer = await agent.post("/v1/incidents", body, key=key)
    except CallFailed:
        answer = Answer(0, {}, 0)
    log.write(
        Sent(
            door="http",
            key=key,
            act=act,
            acked=answer.status in TAKEN,
            attempts=answer.tries,
            sent_at=sent_at,
            answered_at=_now(),
            kind=kind,
            status=answer.status,
            case_id=answer.body.get("case_id"),
            report_id=answer.pending_id,
        )
    )
    return answer


def _now() -> str:
    return datetime.now(UTC).isoformat()


def changed(body: dict[str, Any]) -> dict[str, Any]:
    """The same report with another text: under the same id, a conflict."""
    copy: dict[str, Any] = json.loads(json.dumps(body))
    copy["personal"]["free_text"] += " (2)"
    return copy
