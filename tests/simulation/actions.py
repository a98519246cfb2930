"""What people do: one row per kind of action. A new call of the product is one more row.

A row looks at what the crowd knows and returns the call it makes of it, or nothing when there is nothing to act on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from schemas import topics
from schemas.words import Band, Presence
from services.rules import ids
from tests.simulation.crowd import Call, Crowd
from tests.simulation.ledger import Rung
from tests.simulation.staff import once

SIGNALS = (
    "self_harm", "minor", "physical_danger", "address_exposed", "attacker_deadline", "money_leaving", "same_roof_offender",
    "child_sexual_content", "something_new",
)  # fmt: skip
PROGRAMMES = ("proximus_cyber_care", "axa_cyber_risks", "luko_cyber", "alan_premium", "of_another_release")
GARBAGE = (
    b"{",
    b"\xff\xfe",
    b"[]",
    b'{"code": "threat", "code": "phishing"}',
    b"",
    b'{"signals": "self_harm"}',
    b"null",
)

OWN_TOPICS = (
    "incidents",
    "incidents.p0",
    "commands",
    "progress",
    "dispatch.technical",
    "commands.legal",
    "dispatch.legal.p0",
)


@dataclass(frozen=True, slots=True)
class Row:
    """`weight` is how often it is done, compared with the others; `on_case`: it can be aimed at the case in focus."""

    name: str
    weight: int
    act: Callable[[Crowd], Call | None]
    on_case: bool = False


# ------------------------------------------------------------------------------------------------------------- reports
def said(crowd: Crowd) -> dict[str, Any]:
    """What somebody reports: any code, now and then a signal, a member's household, a stranger's or none."""
    dice = crowd.dice
    body: dict[str, Any] = {"code": dice.choice([*crowd.catalogue.incidents.codes, "a_code_nobody_knows"])}
    if dice.random() < 0.3:
        body["signals"] = sorted({dice.choice(SIGNALS) for _ in range(dice.choice((1, 1, 2)))})
    if dice.random() < 0.3:
        body["country"] = dice.choice(("FR", "BE", "DE"))
    if dice.random() < 0.2:
        body["language"] = dice.choice(("fr", "nl", "de", "en"))
    if dice.random() < 0.1:
        body["victim_age_band"] = dice.choice(("under_15", "15_17", "adult"))
    if dice.random() < 0.1:
        hours = dice.choice((1, 30, 71, 300))
        body["deadline_at"] = (crowd.scheduler.now() + timedelta(hours=hours)).isoformat()
    if dice.random() < 0.1:
        body["happened_at"] = dice.choice(("1970-01-01T00:00:00Z", "9999-12-31T23:59:59+23:59", "2026-02-29T10:00:00"))
    if dice.random() < 0.3:
        body["personal"] = {"free_text": "somebody has my account"}
    return body


def agent_reports(crowd: Crowd) -> Call:
    """A call-centre agent sends a report; now and then under a key used before, with another body."""
    dice, body = crowd.dice, said(crowd)
    if crowd.keys and dice.random() < 0.03:
        key = dice.choice(list(crowd.keys))
        return crowd.agent_reports(body | crowd.keys[key], key)
    household = ids.household_id("simulated", dice.choice(crowd.households))
    chosen = {"household_id": household} if dice.random() < 0.7 else {}
    key = f"r{crowd.number()}"
    crowd.keys[key] = chosen
    return crowd.agent_reports(body | chosen, key)


def partner_reports(crowd: Crowd) -> Call | None:
    """A partner sends one on its ordinary topic, whatever it says, or on its P0 topic."""
    if not crowd.partners:
        return None
    body = said(crowd)
    if crowd.dice.random() < 0.7:
        body["household_reference"] = crowd.dice.choice(crowd.households)
    partner = crowd.dice.choice(crowd.partners)
    return crowd.partner_reports(partner, body, f"p{crowd.number()}", urgent=crowd.dice.random() < 0.2)


def garbage(crowd: Crowd) -> Call | None:
    """A partner, or a replay gone wrong, puts something on a topic that nobody can read."""
    dice, doors = crowd.dice, [topic.name for partner in crowd.partners for topic in list(topics.partner(partner))[:3]]
    if dice.random() >= crowd.wires.plan.garbage_p:
        return None
    topic = dice.choice([*doors, *OWN_TOPICS])
    headers = (("ce_id", b"1"), ("ce_source", b"urn:partner:somebody:else")) if dice.random() < 0.5 else ()
    return crowd.garbage(topic, dice.choice(GARBAGE), headers)


# ------------------------------------------------------------------------------------------- households and cases
def puts_household(crowd: Crowd) -> Call:
    """An agent writes down what a household holds; it may have lapsed."""
    dice = crowd.dice
    holding = {"programme": dice.choice(PROGRAMMES), "valid_from": "2020-01-01"}
    if dice.random() < 0.3:
        holding["valid_to"] = "2022-12-31"
    body = {"country": dice.choice(("FR", "BE")), "language": "fr", "holdings": (holding,)}
    return crowd.case_command("household_put", ids.household_id("simulated", dice.choice(crowd.households)), body=body)


def on_case(verb: str, fields: Callable[[Crowd], dict[str, Any]] = lambda _: {}) -> Callable[[Crowd], Call | None]:
    """A row for a command on some case."""

    def act(crowd: Crowd) -> Call | None:
        case = crowd.case()
        if case is None:
            return None
        return crowd.case_command(verb, case["household_id"], case_id=case["case_id"], **fields(crowd))

    return act


def acknowledges(crowd: Crowd) -> Call | None:
    """Somebody paged says so."""
    if not crowd.ledger.pages:
        return None
    page = crowd.dice.choice(list(crowd.ledger.pages))
    return crowd.case_command("acknowledge", crowd.ledger.pages[page], page_id=page)


def dead_man(crowd: Crowd) -> Call | None:
    """Intake paged by itself about some track's lead and records it under the id the router derives."""
    case = crowd.case()
    if case is None:
        return None
    track = case["tracks"][0]
    page, recipient = ids.page_id(track["track_id"], "acknowledge"), f"post:duty-lead-{track['desk_id']}"
    return crowd.case_command(
        "page", case["household_id"], command_id=ids.derived("page-command", page), answer=False, page_id=page,
        case_id=case["case_id"], track_id=track["track_id"], recipient=recipient, reason="no_offer",
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- desks
def puts_responder(crowd: Crowd) -> Call | None:
    """A supervisor changes somebody's entry."""
    desk = crowd.dice.choice(list(crowd.responders))
    if not crowd.responders[desk]:
        return None
    return enters(crowd, desk, crowd.dice.choice(crowd.responders[desk]))


def enters(crowd: Crowd, desk: str, responder: str) -> Call:
    """A responder's entry in a roster."""
    methods = ({"kind": "log", "verified": True},)
    entry = {"responder_id": responder, "desk_id": desk, "capacity": crowd.dice.choice((1, 2, 5)), "methods": methods}
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


ROWS = (
    Row("an agent reports", 12, agent_reports),
    Row("a partner reports", 8, partner_reports),
    Row("something unreadable", 3, garbage),
    Row("a household is written down", 3, puts_household),
    Row(
        "a case is raised",
        6,
        on_case("raise", lambda crowd: {"band": crowd.dice.choice(list(Band)), "reason": "heard"}),
        on_case=True,
    ),
    Row("a note", 3, on_case("note", lambda crowd: {"personal": {"text": "called back"}}), on_case=True),
    Row("a page is acknowledged", 2, acknowledges),
    Row("intake paged by itself", 1, dead_man, on_case=True),
    Row("a roster changes", 1, puts_responder),
    Row("somebody comes or goes", 3, presence),
    Row("an offer is accepted", 3, offer("accept"), on_case=True),
    Row("an offer is accepted at the last moment", 8, at_the_last_moment),
    Row("an offer is declined", 1, offer("decline"), on_case=True),
    Row("first contact", 6, work("contacted", "spoke"), on_case=True),
    Row("waiting", 6, work("wait", "third_party", "victim"), on_case=True),
    Row("on it again", 6, work("resume"), on_case=True),
    Row("done", 3, work("done"), on_case=True),
    Row("given back", 3, work("handover"), on_case=True),
    Row("a conflict of interest", 2, work("conflict"), on_case=True),
    Row("assigned by hand", 1, assigns, on_case=True),
)
