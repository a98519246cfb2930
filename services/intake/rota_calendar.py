"""A rota as `text/calendar`, for a desk or a person; a seat nobody sits on is an event too. Ids only, nobody's name."""

from collections.abc import Iterable
from datetime import datetime

from icalendar import Calendar, Event

from services.rules import ids
from services.rules.rota import Span

PRODUCT = "-//Sameroof//rota//EN"


def calendar_of(desk_id: str, spans: Iterable[Span], *, now: datetime) -> bytes:
    """An RFC 5545 calendar; times are instants, so that any program shows them in its own zone."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", desk_id)
    for span in spans:
        calendar.add_component(_event(desk_id, span, now))
    made: bytes = calendar.to_ical()
    return made


def _event(desk_id: str, span: Span, now: datetime) -> Event:
    event = Event()
    event.add("uid", ids.derived("shift", desk_id, span.layer, span.begins.isoformat(), span.who or ""))
    event.add("dtstamp", now)
    event.add("dtstart", span.begins)
    event.add("dtend", span.ends)
    event.add("summary", f"{desk_id} {span.layer}: {span.who or f'GAP ({span.reason})'}")
    event.add("transp", "OPAQUE")
    return event
