"""What was answered? The answers of a report that some rule reads, each in its declared type; one nobody can read counts as the worst."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from schemas.catalogue.asked import AnswerType, Asked
from schemas.catalogue.incidents import Incidents
from schemas.catalogue.raised import Condition
from schemas.reports import ReportBody
from services.rules.claimed_times import read_claimed

EURO = "EUR"


class Unread(Enum):
    """An answer that was given and cannot be read: it meets every condition upon it."""

    UNREAD = "unread"


UNREAD: Final = Unread.UNREAD
Said = bool | int | str
Answer = bool | int | str | datetime | Unread
Answers = Mapping[str, Answer]


def answers_of(body: ReportBody, *, received_at: datetime, incidents: Incidents) -> dict[str, Answer]:
    """The answers in `body` that decide something. Personal ones are only said to be there (`True`)."""
    found: dict[str, Answer] = {}
    said = body.model_fields_set
    for name, asked in incidents.always_read.items():
        raw = getattr(body, name) if name in said else None
        if raw is not None:
            found[name] = read(raw, asked, received_at=received_at)
    for name, raw in body.facts.items():
        known = incidents.facts_read.get(name)
        if known is not None and raw is not None:
            found[name] = read(raw, known, received_at=received_at)
    if body.personal.content_urls:
        found["content_urls"] = True
    if body.currency not in (None, EURO):  # thresholds are in euro; nothing is converted (DOMAIN section 10)
        found |= {name: UNREAD for name in found if incidents.answers[name].type is AnswerType.MONEY}
    return found


def read(raw: Said, asked: Asked, *, received_at: datetime) -> Answer:
    """One answer in its declared type, or `UNREAD`."""
    match asked.type:
        case AnswerType.BOOLEAN:
            return raw if isinstance(raw, bool) else UNREAD
        case AnswerType.NUMBER | AnswerType.MONEY:
            return raw if isinstance(raw, int) and not isinstance(raw, bool) else UNREAD
        case AnswerType.INSTANT:
            instant = read_claimed(raw, received_at=received_at).instant if isinstance(raw, str) else None
            return instant or UNREAD
        case _:
            known = isinstance(raw, str) and (asked.values is None or raw in asked.values)
            return raw if known else UNREAD


def meets(condition: Condition, answer: Answer | None, *, at: datetime) -> bool:
    """Whether an answer meets a condition at `at`; a missing one meets none but `present: false`."""
    if condition.present is not None:
        return condition.present is (answer is not None)
    if answer is None:
        return False
    if answer is UNREAD:
        return True
    if condition.any_of is not None:
        return answer in condition.any_of
    if condition.is_ is not None:
        return answer is condition.is_
    return _is_over(condition.over, answer, at)


def _is_over(limit: int | timedelta | None, answer: Answer, at: datetime) -> bool:
    if isinstance(answer, datetime):
        return isinstance(limit, timedelta) and at - answer > limit
    return isinstance(limit, int) and isinstance(answer, int) and answer > limit


def told(answer: Answer, asked: Asked) -> str:
    """An answer as an explanation may show it: never a word the catalogue does not know."""
    if isinstance(answer, datetime):
        return answer.isoformat()
    if isinstance(answer, str) and asked.values is None:
        return "given"
    return str(answer.value if answer is UNREAD else answer).lower()
