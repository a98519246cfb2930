"""Bugs to plant, by name: switches that exist in tests only, each of which some general invariant must catch.

A simulator that never failed proves nothing. No check was made for any of these; the seeds they are tried on are drawn from the
text of this file and its neighbour, so they are always drawn after the bug was written.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any

from schemas.router_records import Seen
from services.responders import answering, taking
from services.responders.state import Partition as DesksPartition
from services.router import breaching, following, tracking
from services.router.state import Partition as RouterPartition
from services.router.timeline import Timeline
from services.rules.deadlines import Deadline, Deadlines
from services.rules.step import Step
from tests.simulation import bugs_of_desks
from tests.simulation.planting import Bug, anywhere, does_nothing, habit, patch, populated
from tests.simulation.swarm import Plan, draw


# ------------------------------------------------------------------------------------------------ bugs of the product
def _remembers_in_memory_alone(remember: Callable[..., None]) -> Callable[..., None]:
    def other(partition: RouterPartition, household_id: str, seen: Seen, _: Step) -> None:
        remember(partition, household_id, seen, Step())

    return other


def _supports_members_only(add: Callable[..., None]) -> Callable[..., None]:
    def other(timeline: Timeline, *given: Any, **named: Any) -> None:
        if timeline.case.member or not timeline.case.tracks:
            add(timeline, *given, **named)

    return other


def _pages_each_time(escalate: Callable[..., Any]) -> Callable[..., Any]:
    def other(timeline: Timeline, track: Any, *rest: Any, **given: Any) -> Any:
        return escalate(timeline, track.model_copy(update={"pages": ()}), *rest, **given)

    return other


def _a_second_early(take: Callable[..., list[Deadline]]) -> Callable[..., list[Deadline]]:
    def other(deadlines: Deadlines, now: datetime, limit: int) -> list[Deadline]:
        return take(deadlines, now + timedelta(seconds=1), limit)

    return other


def _restores_no_deadline(restore: Callable[..., None]) -> Callable[..., None]:
    def other(partition: RouterPartition, topic: str, key: str, record: bytes | None) -> None:
        later = list(partition.deadlines._later)
        restore(partition, topic, key, record)
        partition.deadlines._later[:] = later

    return other


def _keeps_what_was_forgotten(restore: Callable[..., None]) -> Callable[..., None]:
    def other(partition: DesksPartition, key: str, record: bytes | None) -> None:
        if record is not None:
            restore(partition, key, record)

    return other


def _tells_without_a_new_version(tell: Callable[..., None]) -> Callable[..., None]:
    def other(timeline: Timeline, fact: str, *given: Any, **fields: Any) -> None:
        if fact == "report_repeated":
            timeline.set(version=timeline.case.version - 1)
        tell(timeline, fact, *given, **fields)

    return other


_PAGES = patch("escalate", _pages_each_time, breaching, following)

BUGS: dict[str, Bug] = {
    "position_first": Bug(
        "positions are committed before the effects they stand for", frozenset({"I1", "I2", "I3", "I9", "I15"}),
        habit("positions_with_effects", False),
    ),
    "no_fencing": Bug(
        "an owner that was replaced may go on committing", frozenset({"I8", "I9", "I10"}), habit("fences", False)
    ),
    "reads_uncommitted": Bug(
        "inputs are read before their transaction is committed", frozenset({"I1", "I2", "I3", "I9", "I15"}),
        habit("reads_committed", False),
    ),
    "timers_before_input": Bug(
        "a deadline fires before what could have stopped it is read", frozenset({"I5"}), habit("reads_stops_first", False),
        rare=True,
    ),
    "notices_outside": Bug(
        "notices are published outside the transaction", frozenset({"I3", "I4", "I8"}),
        habit("outside_transactions", frozenset({"notices"})),
    ),
    "seen_in_memory": Bug(
        "a report seen is remembered in memory alone", frozenset({"I3", "I16"}),
        patch("remember", _remembers_in_memory_alone, RouterPartition),
    ),
    "not_told_again": Bug(
        "a desk dispatched to again does not tell that somebody has the track", frozenset({"I2", "I15"}),
        patch("_keep", does_nothing, taking), populated, rare=True,
    ),
    "anybody_accepts": Bug(
        "an offer is accepted although somebody has the track", frozenset({"I2"}),
        patch("_offer_refusal", lambda _: lambda *_: None, answering),
    ),
    "members_only": Bug(
        "a stranger's P0 reaches its lead pillar alone", frozenset({"I7"}), patch("_add", _supports_members_only, tracking)
    ),
    "pages_each_time": Bug(
        "a page is raised again although it was raised", frozenset({"I3", "I4"}), _PAGES
    ),
    "a_second_early": Bug("deadlines fire a second early", frozenset({"I5"}), patch("take", _a_second_early, Deadlines)),
    "no_deadline_restored": Bug(
        "a new owner knows the clocks and not when they are due", frozenset({"I5"}),
        patch("restore", _restores_no_deadline, RouterPartition),
    ),
    "same_version": Bug(
        "a repeated report is told without a new version", frozenset({"I3", "I10"}),
        patch("tell", _tells_without_a_new_version, Timeline),
    ),
    **bugs_of_desks.BUGS,
}  # fmt: skip


def seeds(where: Callable[[Plan], bool] = anywhere) -> Iterator[int]:
    """Seeds drawn from the text of both files, without end: those `where` whose world is such."""
    text = b"".join(Path(one).read_bytes() for one in (__file__, bugs_of_desks.__file__))
    for number in count():
        seed = int.from_bytes(blake2b(text + str(number).encode(), digest_size=4).digest(), "big")
        if where(draw(seed)):
            yield seed
