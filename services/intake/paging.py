"""How the dead man reaches a human without the bus: the sink's webhook, else a critical log line an alert watches for."""

import structlog

from schemas.notices import NoticeIssued
from services.intake.dead_man import Deliver
from services.intake.settings import ApiSettings

log = structlog.get_logger()


def pager_to_sink(settings: ApiSettings) -> Deliver:
    """Delivers one page to the sink; whether it was taken."""

    async def deliver(notice: NoticeIssued) -> bool:
        log.critical("dead_man.page", page_id=notice.page_id, band=notice.band, reason=notice.reason)
        return settings.page_sink_url is None

    return deliver
