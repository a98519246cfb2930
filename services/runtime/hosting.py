"""Faust hosts every service (DESIGN section 6): signals, ordered start and stop, timers, agents; the parts do the work."""

import asyncio
import gc
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import faust
from faust.app.base import BootStrategy
from mode import ServiceT
from prometheus_client import CollectorRegistry, ProcessCollector

from schemas.topics import Topic
from services.rules.machine import Machine, Wiring
from services.runtime import telemetry
from services.runtime.agreement import Agreement
from services.runtime.clock import Clock
from services.runtime.exits import CrashPoints, end_process
from services.runtime.health import Health
from services.runtime.metrics import ProcessorMetrics, RuntimeMetrics
from services.runtime.operations import Operations
from services.runtime.processor.context import Context, Observer, observe_nothing
from services.runtime.processor.exits import POINTS
from services.runtime.processor.flight import recorder_of
from services.runtime.processor.offsets import Offsets
from services.runtime.processor.service import LagCollector, Processor
from services.runtime.settings import RuntimeSettings


@dataclass(frozen=True)
class Host:
    """What a part can use."""

    settings: RuntimeSettings
    clock: Clock
    registry: CollectorRegistry
    metrics: RuntimeMetrics
    health: Health


Part = Callable[[Host], ServiceT]


class _NoKafka(BootStrategy):
    """Faust without its consumer and producer: the parts bring their own."""

    enable_kafka = False
    enable_web = False


class _Worker(faust.Worker):
    """Faust's worker, without the two seconds it sleeps after everything has stopped: a restart must be quick."""

    def _shutdown_loop(self) -> None:
        with suppress(asyncio.CancelledError):
            self.loop.run_until_complete(self._gather_futures())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
        if self.crash_reason:
            raise self.crash_reason


class _HostApp(faust.App):
    BootStrategy = _NoKafka


def host(service: str, settings: RuntimeSettings, *parts: Part) -> NoReturn:
    """Runs `parts` in one Faust worker until a signal or a crash, and ends the process with its status."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    hosted = _furnish(service, settings)
    operations = Operations(settings, hosted.health, hosted.clock, hosted.metrics)
    services = [operations, *(part(hosted) for part in parts)]
    _collect_seldom()
    worker = _Worker(
        _HostApp(service, autodiscover=False, web_enabled=False, topic_disable_leader=True, topic_allow_declare=False),
        *services,
        loop=loop,
        quiet=True,
        loglevel="info",  # at WARN Faust sets the root logger to DEBUG
        override_logging=False,
        redirect_stdouts=False,
    )
    worker.execute_from_commandline()


def processor(
    wiring: Wiring, machine: Callable[[int], Machine], *, observe: Callable[[CollectorRegistry], Observer] | None = None
) -> Part:
    """The partition processor as a part: `machine(partition)` builds an empty machine for each owned partition.

    `observe(registry)` makes the callback that is told what each committed record, or round of deadlines, had as effects.
    """

    def part(hosted: Host) -> Processor:
        context = Context(
            settings=hosted.settings,
            wiring=wiring,
            machine=machine,
            clock=hosted.clock,
            metrics=ProcessorMetrics(hosted.registry),
            end=end_process,
            offsets=Offsets(hosted.settings),
            observe=observe(hosted.registry) if observe else observe_nothing,
            points=CrashPoints(hosted.settings.crash_at, POINTS),
            flight=recorder_of(hosted.settings, wiring.group),
        )
        made = Processor(context, hosted.health)
        hosted.registry.register(LagCollector(made))
        return made

    return part


def agreement(used: Iterable[Topic]) -> Part:
    """The part an edge starts with: it waits for the bus and refuses topics of another partition count. A processor asks itself."""
    return lambda hosted: Agreement(hosted.settings, used)


def _collect_seldom() -> None:
    """A machine's state is a great many objects that live for ever: Python would walk them all every few thousand records."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _furnish(service: str, settings: RuntimeSettings) -> Host:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    metrics = RuntimeMetrics(registry)
    telemetry.configure(service, settings.instance, lambda field: metrics.log_fields_dropped.labels(field).inc())
    return Host(settings, Clock(), registry, metrics, Health(registry))
