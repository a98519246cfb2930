"""The router's metrics: what came in, what became of it, which promises were kept. All of them are declared here."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas.case_events import CaseOpened, ReportRepeated, TrackDispatched
from schemas.clock_events import ClockSettled, PageRaised
from schemas.envelope import Event
from schemas.router_records import BooksRecord
from services.router.machine import RouterMachine
from services.rules.machine import Effects

LATENESS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600)


class RouterMetrics:
    """Told of everything committed (an `Observer` of the processor)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # By the door the first report came through and the band decided.
        self.cases = Counter("sameroof_cases_opened", "Cases opened", ["channel", "band"], registry=registry)
        # The same report again; idempotence at work, or a sender that retries too much.
        self.repeated = Counter("sameroof_reports_repeated", "Reports seen before, same body", registry=registry)
        # Tracks handed to desks, first dispatches and changes alike.
        self.dispatched = Counter("sameroof_tracks_dispatched", "Dispatches", ["pillar", "band"], registry=registry)
        # Promises settled: met, breached, late (breached before) or corrected (kept in time, and told as breached before).
        self.clocks = Counter(
            "sameroof_clocks_settled", "Promises settled", ["pillar", "band", "kind", "result"], registry=registry
        )
        # How long after its deadline a breach was published.
        self.lateness = Histogram(
            "sameroof_breach_late_seconds",
            "Publication of a breach after its deadline",
            buckets=LATENESS,
            registry=registry,
        )
        # Humans paged about a track, by why.
        self.pages = Counter("sameroof_pages_raised", "Pages raised", ["pillar", "band", "reason"], registry=registry)

    def __call__(self, effects: Effects) -> None:
        """Count what one committed step did."""
        for send in effects.sends:
            if isinstance(send.body, Event):
                self._count(send.body)

    def _count(self, event: Event) -> None:
        data = event.data
        if isinstance(data, CaseOpened):
            self.cases.labels(data.channel, data.band).inc()
        elif isinstance(data, ReportRepeated):
            self.repeated.inc()
        elif isinstance(data, TrackDispatched):
            self.dispatched.labels(data.pillar, data.band).inc()
        elif isinstance(data, ClockSettled):
            result = event.type.rpartition("_")[2]
            self.clocks.labels(data.pillar, data.band, data.milestone or data.kind, result).inc()
            if result == "breached":
                self.lateness.observe(data.lateness_seconds)
        elif isinstance(data, PageRaised):
            self.pages.labels(data.pillar, data.band, data.reason).inc()


class Books(Collector):
    """The two books of each owned partition, read at scrape time; both differences must be 0 (DESIGN section 8).

    And whether this process lacks the release of the catalogue that its partition should decide by: must be 0 too.
    """

    def __init__(self, machines: Mapping[int, RouterMachine]) -> None:
        self.machines = machines

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Columns per partition, then the two differences, then the release."""
        columns = GaugeMetricFamily("sameroof_book_count", "The two books, by column", labels=["partition", "column"])
        difference = GaugeMetricFamily(
            "sameroof_book_difference", "What the books lack: must be 0", labels=["partition", "book"]
        )
        missing = GaugeMetricFamily(
            "sameroof_release_missing", "The release in force is not at hand: must be 0", labels=["partition"]
        )
        for partition, machine in list(self.machines.items()):
            missing.add_metric([str(partition)], machine.partition.in_force.missing)
            books = machine.partition.books
            for column in BooksRecord.model_fields:
                if column != "state_version":
                    columns.add_metric([str(partition), column], getattr(books, column))
            reports = books.read - books.attached - books.repeated - books.dead_lettered
            difference.add_metric([str(partition), "reports"], reports)
            difference.add_metric([str(partition), "cases"], books.opened - books.open - books.closed - books.merged)
        yield columns
        yield difference
        yield missing
