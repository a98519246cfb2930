"""What the parts of one processor share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.rules.machine import Effects, Machine, Wiring
from services.runtime.clock import Clock
from services.runtime.exits import CrashPoints, End
from services.runtime.metrics import ProcessorMetrics
from services.runtime.processor.exits import POINTS
from services.runtime.processor.flight import FlightRecorder
from services.runtime.processor.offsets import Offsets
from services.runtime.settings import RuntimeSettings

Observer = Callable[[Effects], None]


def observe_nothing(_: Effects) -> None:
    """The observer of a service without metrics of its own."""


@dataclass(frozen=True)
class Context:
    """Values and clients common to all partitions of a processor."""

    settings: RuntimeSettings
    wiring: Wiring
    machine: Callable[[int], Machine]
    clock: Clock
    metrics: ProcessorMetrics
    end: End
    offsets: Offsets
    observe: Observer = observe_nothing
    points: CrashPoints = field(default_factory=lambda: CrashPoints(None, POINTS))
    flight: FlightRecorder = field(default_factory=FlightRecorder)

    def transactional_id(self, partition: int) -> str:
        """Names the partition, not the process: that is what fences."""
        return f"{self.wiring.group}-{partition}"
