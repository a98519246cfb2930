"""What does a record ask us to tell? A notice; one nobody can read is a dead letter, and a page to the sink about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from schemas import notices
from schemas.catalogue import Catalogue
from schemas.envelope import EnvelopeError
from schemas.messages import read
from schemas.notices import NoticeIssued
from schemas.words import Pillar
from services.rules.dead_letter_page import dead_letter_notice
from services.rules.dead_letters import dead_letter
from services.rules.machine import Message, Send

ALLOWED = frozenset({notices.ISSUED})


@dataclass(frozen=True, slots=True)
class Read:
    """The notice to tell, and the dead letter to send first when the record was none."""

    notice: NoticeIssued
    dead_letter: Send | None = None


def notice_in(message: Message, catalogue: Catalogue, now: datetime) -> Read:
    """What a record of `notices` asks for: somebody was meant to be told something, readable or not."""
    try:
        return Read(cast("NoticeIssued", read(message.value, message.headers, ALLOWED).data))
    except EnvelopeError as refused:
        desk_id = f"{Pillar.PSYCHOLOGICAL}-{catalogue.desks.fallback}"
        about = dead_letter_notice(
            message, reason="dead_letter.notice", at=now, desk_id=desk_id, pillar=Pillar.PSYCHOLOGICAL
        )
        return Read(about, dead_letter("pager", message, refused.reason, now))
