"""What people at the desks do: they come and go, answer offers, work on tracks, give them back. Each act makes one call."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from schemas.words import Presence
from tests.shipped import ABLE
from tests.simulation.crowd import Call, Crowd
from tests.simulation.ledger import Rung
from tests.simulation.staff import once


def puts_responder(crowd: Crowd) -> Call | None:
    """A supervisor changes somebody's entry."""
    desk = crowd.dice.choice(list(crowd.responders))
    if not crowd.responders[desk]:
        return None
    return enters(crowd, desk, crowd.dice.choice(crowd.responders[desk]))


def enters(crowd: Crowd, desk: str, responder: str) -> Call:
    """A responder's entry in a roster."""
    methods = ({"kind": "log", "verified": True},) * 2  # rung again when half of an offer's time is gone
    entry: dict[str, object] = {
        "responder_id": responder,
        "desk_id": desk,
        "capacity": crowd.dice.choice((1, 2, 5)),
        "methods": methods,
    }
    entry |= {name: list(words) for name, words in ABLE.items()}
    return crowd.desk_command("responder_put", desk, entry=entry)


def presence(crowd: Crowd) -> Call | None:
    """Somebody comes on duty, or goes; most come."""
    desk = crowd.dice.choice(list(crowd.responders))
    if not crowd.responders[desk]:
        return None
    told = crowd.dice.choice([Presence.AVAILABLE, Presence.AVAILABLE, *Presence])
    return comes(crowd, desk, crowd.dice.choice(crowd.responders[desk]), told)


def comes(crowd: Crowd, desk: str, responder: str, told: Presence) -> Call:
    """Presence of one responder."""
    return crowd.desk_command("presence", desk, speaks_for=responder, responder_id=responder, presence=told)


def offer(verb: str) -> Callable[[Crowd], Call | None]:
    """A row for an answer to some offer, however old."""

    def act(crowd: Crowd) -> Call | None:
        rung = crowd.rung()
        return answers(crowd, verb, rung) if rung is not None else None

    return act


def at_the_last_moment(crowd: Crowd) -> Call | None:
    """Within a blink of the instant at which the next promise fails, whoever is asked accepts, or it is given by hand."""
    found = crowd.ledger.next_due(crowd.scheduler.now())
    if found is None:
        return None
    delay = found.due - crowd.scheduler.now() + timedelta(seconds=crowd.dice.uniform(-0.4, 0.05))

    def accepts() -> None:
        asked = [rung for rung in crowd.ledger.rung if rung.track_id == found.track["track_id"]]
        if asked and crowd.dice.random() < 0.5:
            crowd.calls(answers(crowd, "accept", asked[-1]))
        elif crowd.responders.get(found.track["desk_id"]):
            crowd.calls(given(crowd, found.track))

    crowd.scheduler.spawn("at the last moment", once(accepts), in_us=int(delay.total_seconds() * 1e6))
    return None


def answers(crowd: Crowd, verb: str, rung: Rung) -> Call:
    """An answer to one offer."""
    return crowd.desk_command(
        verb, rung.desk_id, speaks_for=rung.responder, responder_id=rung.responder, offer_id=rung.offer_id,
        track_id=rung.track_id,
    )  # fmt: skip


def work(verb: str, *results: str) -> Callable[[Crowd], Call | None]:
    """A row for what an owner says about a track they hold."""

    def act(crowd: Crowd) -> Call | None:
        held = crowd.held()
        if held is None:
            return None
        return works(crowd, verb, held, crowd.dice.choice(results) if results else None)

    return act


def works(crowd: Crowd, verb: str, held: Rung, result: str | None = None) -> Call:
    """What an owner says about a track."""
    return crowd.desk_command(
        verb,
        held.desk_id,
        speaks_for=held.responder,
        responder_id=held.responder,
        track_id=held.track_id,
        result=result,
    )


def assigns(crowd: Crowd) -> Call | None:
    """A supervisor gives a track to somebody of its desk."""
    case = crowd.case()
    if case is None:
        return None
    track = crowd.dice.choice(case["tracks"])
    return given(crowd, track) if crowd.responders.get(track["desk_id"]) else None


def given(crowd: Crowd, track: dict[str, Any]) -> Call:
    """An assignment by hand, on top of whatever load."""
    desk = track["desk_id"]
    responder = crowd.dice.choice(crowd.responders[desk])
    return crowd.desk_command(
        "assign", desk, track_id=track["track_id"], responder_id=responder, reason="by_hand", speaks_for=responder
    )
