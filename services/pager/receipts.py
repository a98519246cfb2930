"""How does the issuer learn that a human was told? A receipt as a command under the issuer's own key; its id is derived."""

from datetime import datetime

from schemas import topics
from schemas.base import Actor
from schemas.commands import Receipt, command_type
from schemas.envelope import Event
from schemas.notices import NoticeIssued
from schemas.topics import Topic
from schemas.words import Pillar, Role
from services.rules import ids
from services.rules.machine import Send

SOURCE = "urn:sameroof:pager"
ISSUERS: dict[str, Topic] = {
    topic.name: topic for topic in (topics.COMMANDS, *(topics.desk_commands(pillar) for pillar in Pillar))
}


def receipt(notice: NoticeIssued, *, delivered: bool, method: str, at: datetime) -> Send | None:
    """The receipt on its way to the notice's issuer; `None` when nobody waits: a dead letter's page, an issuer we do not know."""
    topic = ISSUERS.get(notice.issuer_topic)
    if topic is None or notice.dead_letter is not None:
        return None
    command = Receipt(
        command_id=ids.derived("receipt", notice.notice_id, "delivered" if delivered else "failed"),
        actor=Actor(role=Role.SERVICE, id="pager"),
        received_at=at,
        answer=False,
        issuer_key=notice.issuer_key,
        notice_id=notice.notice_id,
        track_id=notice.track_id,
        delivered=delivered,
        method=method,
        delivered_at=at,
    )
    event = Event(
        id=command.command_id,
        type=command_type("receipt"),
        source=SOURCE,
        time=at,
        data=command,
        partitionkey=notice.issuer_key,
        correlationid=notice.case_id,
        causationid=notice.notice_id,
    )
    key = notice.issuer_key if topic is topics.COMMANDS else notice.track_id
    return Send(topic, key, notice.issuer_key, event)
