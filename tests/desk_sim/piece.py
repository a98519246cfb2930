"""What came of one piece: who waited how long, who worked how much. Kept as JSON, so that a run that was ended goes on where it was."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from schemas.words import Band
from tests.desk_sim.desk import NO_RESERVE, Desk, ShippedDesk
from tests.desk_sim.plain import PlainDesk, most_urgent, oldest
from tests.desk_sim.plan import Plan
from tests.desk_sim.world import World

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".local" / "desk-sim"
JUDGED = ("services/responders", "services/rules", "schemas", "tests/desk_sim")
NOT_JUDGED = ("__main__.py", "picture.py", "report.py", "test_p0_reserve.py")  # they change no figure

DESKS: dict[str, Callable[[], Desk]] = {
    "sameroof": ShippedDesk,
    "no_reserve": lambda: ShippedDesk(NO_RESERVE),
    "fifo": lambda: PlainDesk(oldest),
    "priority": lambda: PlainDesk(most_urgent),
    "longest_idle": lambda: PlainDesk(oldest, longest_idle=True),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """`waits`: seconds from our receipt to the first acceptance of the tracks of a band; those nobody had accepted by the end waited until
    then, and are counted by `unaccepted`. Of each person: units of work x hours `worked`, their capacity x hours on duty (`paid`), night
    shifts, P0 taken at night. `p0_work` is the time P0s were to take in all: equal in pieces with the same P0s."""

    plan: dict[str, Any]
    tracks: int
    waits: dict[str, list[float]]
    unaccepted: dict[str, int]
    worked: dict[str, float]
    paid: dict[str, float]
    nights: dict[str, int]
    night_p0: dict[str, int]
    handed_over: int
    p0_work: float
    seconds: float

    @classmethod
    def of(cls, world: World, seconds: float) -> Self:
        """What came of a world that has run."""
        plan = world.plan
        end = world.now
        counted = [track for track in world.tracks.values() if track.at >= plan.counted_from]
        waits: dict[str, list[float]] = {band: [] for band in Band}
        for track in counted:
            until = world.accepted[track.track_id][0] if track.track_id in world.accepted else end
            waits[track.band].append(round((until - track.at).total_seconds(), 1))
        unaccepted: dict[str, int] = {
            band: sum(t.band is band and t.track_id not in world.accepted for t in counted) for band in Band
        }
        return cls(
            plan=asdict(plan),
            tracks=len(world.tracks),
            waits=waits,
            unaccepted=unaccepted,
            worked={who: hands.busy.total_seconds() / 3_600 for who, hands in world.hands.items()},
            paid={who: hands.capacity * hands.there.total_seconds() / 3_600 for who, hands in world.hands.items()},
            nights=dict(world.nights),
            night_p0={who: world.night_p0[who] for who in world.hands},
            handed_over=world.handed_over,
            p0_work=sum(track.work.total_seconds() for track in counted if track.band is Band.P0),
            seconds=round(seconds, 1),
        )


def play(plan: Plan) -> Piece:
    """Simulate one piece."""
    began = time.monotonic()
    world = World(plan, DESKS[plan.policy]())
    world.run()
    return Piece.of(world, time.monotonic() - began)


def kept(plan: Plan, folder: Path) -> Piece:
    """The piece as it was simulated before with the code as it is, or simulated now."""
    file = folder / f"{plan.name}.json"
    if file.exists():
        return Piece(**json.loads(file.read_text("utf-8")))
    piece = play(plan)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_text(json.dumps(asdict(piece)), "utf-8")
    unfinished.rename(file)
    return piece


def folder_of_this_code() -> Path:
    """Where pieces simulated with the code as it is are kept."""
    total = hashlib.sha256()
    for folder in JUDGED:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".yaml"} and path.name not in NOT_JUDGED:
                total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return KEPT / total.hexdigest()[:16]
