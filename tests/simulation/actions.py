"""What people do: one row per kind of action. A new call of the product is one more row.

A row's act looks at what the crowd knows and returns the call it makes of it, or nothing when there is nothing to act on.
"""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.words import Band, Pillar
from services.rules import ids
from tests.simulation.acts_of_callers import (
    acknowledges_some,
    agent_reports,
    becomes_known,
    chooses_release,
    dead_man,
    garbage,
    linking,
    merging,
    on_case,
    partner_puts_household,
    partner_reports,
    puts_household,
    splits,
    two_cases,
)
from tests.simulation.acts_of_desks import (
    assigns,
    at_the_last_moment,
    drains,
    finishes_the_urgent,
    offer,
    owner_leaves,
    pauses,
    presence,
    puts_responder,
    race,
    rush,
    work,
)
from tests.simulation.crowd import Call, Crowd


@dataclass(frozen=True, slots=True)
class Row:
    """`weight` is how often it is done, compared with the others; `on_case`: it can be aimed at the case in focus."""

    name: str
    weight: int
    act: Callable[[Crowd], Call | None]
    on_case: bool = False


OUTSIDE = (
    Row("an agent reports", 12, agent_reports),
    Row("a partner reports", 8, partner_reports),
    Row("something unreadable", 3, garbage),
    Row("a household is written down", 3, puts_household),
    Row("a partner writes a household down", 3, partner_puts_household),
    Row(
        "a case is raised",
        6,
        on_case("raise", lambda crowd: {"band": crowd.dice.choice(list(Band)), "reason": "heard"}),
        on_case=True,
    ),
    Row("more becomes known", 4, on_case("update", becomes_known), on_case=True),
    Row(
        "lowered",
        2,
        on_case("lower", lambda crowd: {"band": crowd.dice.choice(list(Band)), "reason": "calmer"}),
        on_case=True,
    ),
    Row("closed", 3, on_case("close", lambda crowd: {"reason": "solved", "safety_checked": True}), on_case=True),
    Row("reopened", 3, on_case("reopen", lambda _: {"reason": "again"}), on_case=True),
    Row("merged", 3, two_cases("merge", merging), on_case=True),
    Row("linked", 2, two_cases("link", linking), on_case=True),
    Row("split", 2, splits, on_case=True),
    Row(
        "rerouted",
        3,
        on_case(
            "reroute",
            lambda crowd: {
                "pillar": crowd.dice.choice(list(Pillar)),
                "region": crowd.dice.choice(("fr", "be", "xx")),
                "reason": "moved",
            },
        ),
        on_case=True,
    ),
    Row(
        "placed",
        2,
        on_case(
            "place",
            lambda crowd: {"real_household_id": ids.household_id("simulated", crowd.dice.choice(crowd.households))},
        ),
        on_case=True,
    ),
    Row("a note", 3, on_case("note", lambda crowd: {"personal": {"text": "called back"}}), on_case=True),
    Row("a page is acknowledged", 2, acknowledges_some),
    Row("intake paged by itself", 1, dead_man, on_case=True),
    Row("another release is chosen", 1, chooses_release),
)

AT_DESKS = (
    Row("a roster changes", 2, puts_responder),
    Row("somebody comes or goes", 4, presence),
    Row("an owner leaves", 4, owner_leaves, on_case=True),
    Row("a desk is paused", 3, pauses),
    Row("somebody is drained", 1, drains),
    Row("everybody asked answers at once", 6, race, on_case=True),
    Row("an offer is accepted", 3, offer("accept"), on_case=True),
    Row("an offer is accepted at the last moment", 8, at_the_last_moment),
    Row("an offer is declined", 1, offer("decline"), on_case=True),
    Row("first contact", 8, work("contacted", "spoke"), on_case=True),
    Row("waiting", 6, work("wait", "third_party", "victim"), on_case=True),
    Row("on it again", 6, work("resume"), on_case=True),
    Row("done", 3, work("done"), on_case=True),
    Row("given back", 3, work("handover"), on_case=True),
    Row("a conflict of interest", 3, work("conflict"), on_case=True),
    Row("assigned by hand", 2, assigns, on_case=True),
    Row("one person is given everything", 2, rush),
    Row("the urgent is done", 8, finishes_the_urgent),
)

ROWS = (*OUTSIDE, *AT_DESKS)
