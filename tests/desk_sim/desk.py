"""The desk as it is shipped: the product's own machine, told by encoded records what people do; what it says is read from what it sends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Protocol

from schemas import topics
from schemas.base import Actor
from schemas.catalogue import Catalogue
from schemas.catalogue.work import Reserve
from schemas.commands import Command, OfferCommand, PresenceSet, ResponderPut, TrackCommand, command_type
from schemas.dispatch import TAKEN, DispatchTaken
from schemas.envelope import Event, encode
from schemas.progress import Answered, Offered, Released, Worked
from schemas.rosters import RosterEntry
from schemas.words import Band, ClockKind, Pillar, Presence, Role
from services.responders.machine import DesksMachine
from services.rules.machine import Effects, Message
from tests.desk_sim.arrivals import Track
from tests.desk_sim.plan import DESK
from tests.shipped import CATALOGUE

PILLAR = Pillar.TECHNICAL
NO_RESERVE = CATALOGUE.model_copy(
    update={"work": CATALOGUE.work.model_copy(update={"reserve": Reserve(units=0, sets_aside=(), source="D")})}
)


@dataclass(frozen=True, slots=True)
class News:
    """Something the desk says: `who` is `offered` a track, has it (`accepted`) or has it no more (`released`), lets it wait for something
    more urgent (`set_aside`) or goes on with it (`taken_up`)."""

    what: str
    track_id: str
    who: str
    offer_id: str = ""


class Desk(Protocol):
    """Whatever shares out work. Each call says what came of it."""

    def enter(self, entry: RosterEntry, now: datetime) -> list[News]: ...
    def presence(self, who: str, presence: Presence, now: datetime) -> list[News]: ...
    def comes(self, track: Track) -> list[News]: ...
    def answers(self, news: News, now: datetime, *, accepts: bool) -> list[News]: ...
    def works(self, verb: str, track_id: str, who: str, now: datetime) -> list[News]: ...
    def next_due(self) -> datetime | None: ...
    def fire(self, now: datetime) -> list[News]: ...


class ShippedDesk:
    """A desk run by `DesksMachine`."""

    def __init__(self, catalogue: Catalogue = CATALOGUE) -> None:
        self.catalogue = catalogue
        self.machine = DesksMachine(PILLAR, catalogue)
        self._numbers = count(1)

    def enter(self, entry: RosterEntry, now: datetime) -> list[News]:
        """Somebody joins the roster."""
        return self._told("responder_put", ResponderPut, now, entry=entry)

    def presence(self, who: str, presence: Presence, now: datetime) -> list[News]:
        """Somebody comes or goes."""
        return self._told("presence", PresenceSet, now, responder_id=who, presence=presence)

    def comes(self, track: Track) -> list[News]:
        """A track is dispatched to the desk at the instant of its receipt."""
        taken = dispatched(track, self.catalogue)
        topic = topics.dispatch(PILLAR, urgent=track.band is Band.P0)
        return self._read(topic, Event(taken.track_id, TAKEN, "urn:sameroof:router", track.at, taken, DESK))

    def answers(self, news: News, now: datetime, *, accepts: bool) -> list[News]:
        """Whoever was offered a track accepts or declines."""
        said = {"responder_id": news.who, "offer_id": news.offer_id, "track_id": news.track_id}
        return self._told("accept" if accepts else "decline", OfferCommand, now, **said)

    def works(self, verb: str, track_id: str, who: str, now: datetime) -> list[News]:
        """Whoever has a track has spoken with the victim (`contacted`), is `done`, or hands it over (`handover`)."""
        result = "spoke" if verb == "contacted" else None
        return self._told(verb, TrackCommand, now, track_id=track_id, responder_id=who, result=result)

    def next_due(self) -> datetime | None:
        """When it wants to be fired next."""
        return self.machine.next_due()

    def fire(self, now: datetime) -> list[News]:
        """What fell due."""
        return list(_news(self.machine.fire(now, 100)))

    def _told(self, verb: str, model: type[Command], now: datetime, **said: object) -> list[News]:
        number = next(self._numbers)
        common = {"command_id": f"c-{number}", "actor": ACTOR, "received_at": now, "answer": False, "desk_id": DESK}
        command = model.model_validate({**common, **said})
        event = Event(command.command_id, command_type(verb), "urn:sameroof:intake", now, command, DESK)
        return self._read(topics.desk_commands(PILLAR), event)

    def _read(self, topic: topics.Topic, event: Event) -> list[News]:
        value, headers = encode(event)
        message = Message(topic.name, 0, 0, DESK.encode(), value, headers, event.time)
        return list(_news(self.machine.handle(message, event.time)))


FACTS = ("offered", "accepted", "released", "set_aside", "taken_up")
ACTOR = Actor(role=Role.RESPONDER, id="desk-sim")


def dispatched(track: Track, catalogue: Catalogue) -> DispatchTaken:
    """The dispatch of a track."""
    acknowledge = catalogue.promise(track.band, PILLAR, ClockKind.ACKNOWLEDGE, lead=False)
    return DispatchTaken(
        track_id=track.track_id,
        case_id=f"case-{track.track_id}",
        household_id=f"household-{track.track_id}",
        desk_id=DESK,
        pillar=PILLAR,
        band=track.band,
        epoch=1,
        lead=False,
        code=track.code,
        signals=track.signals,
        language=track.language,
        received_at=track.at,
        acknowledge_by=track.at + acknowledge,
        catalogue=catalogue.version,
    )


def _news(effects: Effects) -> Iterator[News]:
    for send in effects.sends:
        if not isinstance(send.body, Event):
            raise TypeError("a dead letter: the simulation wrote something no desk can read")
        fact, data = send.body.type.rpartition(".")[2], send.body.data
        if (
            fact not in FACTS
            or not isinstance(data, Offered | Answered | Worked | Released)
            or data.responder_id is None
        ):
            continue
        offer_id = data.offer_id if isinstance(data, Offered | Answered) else ""
        yield News(fact, data.track_id, data.responder_id, offer_id)
