"""What people at the desks do: they come and go, answer offers, work on tracks, give them back. Each act makes one call."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from schemas.words import Presence
from services.rules import ids
from tests.shipped import ABLE
from tests.simulation.boards import UNOWNED
from tests.simulation.crowd import Call, Crowd
from tests.simulation.ledger import OWNED, Rung
from tests.simulation.staff import once


def puts_responder(crowd: Crowd) -> Call | None:
    """A supervisor changes somebody's entry."""
    desk = crowd.dice.choice(list(crowd.responders))
    if not crowd.responders[desk]:
        return None
    return enters(crowd, desk, crowd.dice.choice(crowd.responders[desk]))


def enters(crowd: Crowd, desk: str, responder: str, *, able: bool = False) -> Call:
    """A responder's entry in a roster; about every second one, and who is to be `able`, is able to take anything."""
    dice = crowd.dice
    methods = ({"kind": "log", "verified": True},) * 2  # rung again when half of an offer's time is gone
    entry: dict[str, object] = {
        "responder_id": responder,
        "desk_id": desk,
        "capacity": crowd.dice.choice((1, 2, 2, 5)),
        "methods": methods,
    }
    entry |= {name: list(words) for name, words in ABLE.items()}
    if not able and dice.random() < 0.5:
        entry |= _limits(crowd)
    return crowd.desk_command("responder_put", desk, entry=entry)


def _limits(crowd: Crowd) -> dict[str, object]:
    """Somebody who lives in one of the households, knows little of some things, speaks some languages, is cleared for nothing."""
    dice, found = crowd.dice, dict[str, object]()
    if dice.random() < 0.5:
        found["household_id"] = ids.household_id("simulated", dice.choice(crowd.households))
    if dice.random() < 0.5:
        found["training"] = {skill: {"level": dice.randrange(1, 6)} for skill in ABLE["skills"] if dice.random() < 0.5}
    if dice.random() < 0.5:
        spoken = [str(one) for one in ABLE["languages"] if dice.random() < 0.7]
        found |= {"languages": spoken, "fluency": dict.fromkeys(spoken[:1], "working")}
    if dice.random() < 0.3:
        found["clearances"] = []
    return found


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


def race(crowd: Crowd) -> Call | None:
    """Everybody who was rung about a track answers within a blink; perhaps it is moved, or its case closed, at the same time."""
    rung = crowd.rung()
    if rung is None:
        return None
    for one in {one.offer_id: one for one in crowd.ledger.rung if one.track_id == rung.track_id}.values():
        verb = "accept" if crowd.dice.random() < 0.8 else "decline"
        _soon(crowd, partial(answers, crowd, verb, one))
    case = next((case for case in crowd.ledger.cases.values() if _has(case, rung.track_id)), None)
    if case is not None and crowd.dice.random() < 0.4:
        region, named = crowd.dice.choice(("fr", "be")), {"case_id": case["case_id"]}
        verb, said = crowd.dice.choice((
            ("reroute", {"pillar": rung.pillar, "region": region, "reason": "moved"}),
            ("close", {"reason": "solved", "safety_checked": True}),
        ))  # fmt: skip
        _soon(crowd, partial(crowd.case_command, verb, case["household_id"], **named, **said))
    return None


def _has(case: dict[str, Any], track_id: str) -> bool:
    return any(track["track_id"] == track_id for track in case["tracks"])


def _soon(crowd: Crowd, call: Callable[[], Call]) -> None:
    delay_us = crowd.dice.randrange(1, 60_000)
    crowd.scheduler.spawn("in a race", once(lambda: crowd.calls(call())), in_us=delay_us)


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


def works_on(crowd: Crowd, owned: Rung) -> Call:
    """The next thing that somebody does about a track they took; now and then they leave with it."""
    verb, result = crowd.dice.choice((
        ("contacted", "spoke"), ("contacted", "spoke"), ("wait", "victim"), ("resume", None), ("done", None),
        ("leaves", None), ("leaves", None), ("conflict", None),
    ))  # fmt: skip
    if verb == "leaves":
        return comes(crowd, owned.desk_id, owned.responder, Presence.AWAY)
    return works(crowd, verb, owned, result)


def finishes_the_urgent(crowd: Crowd) -> Call | None:
    """Somebody who set work aside is done with everything else: it can go on."""
    aside = crowd.ledger.set_aside
    if not aside:
        return None
    who = crowd.dice.choice(sorted(set(aside.values())))
    for owned in crowd.ledger.owned():
        if owned.responder == who and f"track/{owned.track_id}" not in aside:
            _soon(crowd, partial(works, crowd, "done", owned))
    return None


def rush(crowd: Crowd) -> Call | None:
    """A supervisor gives everything that is open at a desk to one person."""
    case = crowd.case()
    desk = crowd.dice.choice(case["tracks"])["desk_id"] if case is not None else ""
    if not crowd.responders.get(desk):
        return None
    responder = crowd.dice.choice(crowd.responders[desk])
    tracks = [one for case in crowd.ledger.cases.values() for one in case["tracks"] if one["desk_id"] == desk]
    for track in [one for one in tracks if one["state"] in OWNED | UNOWNED][-8:]:
        _soon(crowd, partial(_gives, crowd, track, responder))
    return None


def _gives(crowd: Crowd, track: dict[str, Any], responder: str, **said: Any) -> Call:
    said = {"reason": "by_hand"} | said
    return crowd.desk_command(
        "assign", track["desk_id"], track_id=track["track_id"], responder_id=responder, speaks_for=responder, **said
    )


def assigns(crowd: Crowd) -> Call | None:
    """A supervisor gives a track to somebody of its desk."""
    case = crowd.case()
    if case is None:
        return None
    track = crowd.dice.choice(case["tracks"])
    return given(crowd, track) if crowd.responders.get(track["desk_id"]) else None


def given(crowd: Crowd, track: dict[str, Any]) -> Call:
    """An assignment by hand, on top of whatever load; now and then without a reason, or only to see what would come of it."""
    dice = crowd.dice
    responder, said = dice.choice(crowd.responders[track["desk_id"]]), dict[str, Any]()
    if not crowd.calm and dice.random() < 0.3:
        said = {"reason": dice.choice((None, "by_hand")), "dry_run": dice.random() < 0.7}
    return _gives(crowd, track, responder, **said)


def owner_leaves(crowd: Crowd) -> Call | None:
    """Somebody who has a track goes away, or is busy for a while."""
    held = crowd.held()
    if held is None:
        return None
    return comes(crowd, held.desk_id, held.responder, crowd.dice.choice((Presence.AWAY, Presence.AWAY, Presence.BUSY)))


def pauses(crowd: Crowd, desk: str | None = None, *, paused: bool | None = None) -> Call:
    """A supervisor has a desk ask about P0s alone, or about everything again; some only try."""
    paused = crowd.dice.random() < 0.6 if paused is None else paused
    tried = not crowd.calm and crowd.dice.random() < 0.2
    desk = desk or crowd.dice.choice(list(crowd.responders))
    return crowd.desk_command("desk_pause", desk, paused=paused, reason="meeting", dry_run=tried)


def drains(crowd: Crowd) -> Call | None:
    """A supervisor has somebody asked no more, or again; some only try."""
    desk = crowd.dice.choice(list(crowd.responders))
    if not crowd.responders[desk]:
        return None
    return drained(crowd, desk, crowd.dice.choice(crowd.responders[desk]), drained=crowd.dice.random() < 0.6)


def drained(crowd: Crowd, desk: str, responder: str, *, drained: bool) -> Call:
    """Whether one responder is asked no more."""
    tried = not crowd.calm and crowd.dice.random() < 0.2
    return crowd.desk_command(
        "responder_drain", desk, responder_id=responder, drained=drained, reason="shift_ends", dry_run=tried
    )
