"""How the dead man reaches a human without the bus: the pager's own delivery, to the sink alone."""

from schemas.notices import NoticeIssued
from services.intake.dead_man import Deliver
from services.intake.settings import ApiSettings
from services.rules.parcels import Parcel
from services.runtime.delivery import LOG, WEBHOOK, Deliverer, Method

HANDED_OVER = "dead_man"


def method_of(settings: ApiSettings) -> Method:
    """The sink's webhook; without one, pages are lines of our log that an alert watches for."""
    return Method(LOG) if settings.page_sink_url is None else Method(WEBHOOK, settings.page_sink_url)


def pager_to_sink(settings: ApiSettings, deliverer: Deliverer) -> Deliver:
    """Delivers one page to the sink; whether it was taken."""
    method = method_of(settings)

    async def deliver(notice: NoticeIssued) -> bool:
        return (await deliverer.deliver(Parcel((notice,), HANDED_OVER), method)).delivered

    return deliver
