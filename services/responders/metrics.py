"""A desk's metrics: offers, how soon they came, how they ended, who waits. All of them are declared here."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas.desk_records import DeskTrackRecord
from schemas.envelope import Event
from schemas.progress import Offered, Progress
from schemas.words import Pillar
from services.responders.machine import DesksMachine
from services.rules import ids
from services.rules.machine import Effects

TIME_TO_OFFER = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400)


class RespondersMetrics:
    """Told of everything committed (an `Observer` of the processor)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Offers made, by band of their track.
        self.offers = Counter("sameroof_offers_made", "Offers to responders", ["pillar", "band"], registry=registry)
        # From our receipt of the report to the first offer of a track.
        self.time_to_offer = Histogram(
            "sameroof_receipt_to_offer_seconds",
            "Receipt of the report to the track's first offer",
            ["pillar", "band"],
            buckets=TIME_TO_OFFER,
            registry=registry,
        )
        # What desks told the router: accepted, declined, contacted, done, exhausted ...
        self.progress = Counter("sameroof_progress_told", "Progress facts", ["pillar", "fact"], registry=registry)

    def __call__(self, effects: Effects) -> None:
        """Count what one committed step did."""
        tracks = {
            save.record.dispatch.track_id: save.record
            for save in effects.saves
            if isinstance(save.record, DeskTrackRecord)
        }
        for send in effects.sends:
            if isinstance(send.body, Event) and isinstance(send.body.data, Progress):
                told = send.body.data
                self.progress.labels(told.pillar, send.body.type.rpartition(".")[2]).inc()
                if isinstance(told, Offered):
                    self._offered(told, tracks[told.track_id])

    def _offered(self, told: Offered, track: DeskTrackRecord) -> None:
        dispatch = track.dispatch
        self.offers.labels(dispatch.pillar, dispatch.band).inc()
        if told.offer_id == ids.offer_id(dispatch.track_id, dispatch.epoch, 1):
            waited = (told.at - dispatch.received_at).total_seconds()
            self.time_to_offer.labels(dispatch.pillar, dispatch.band).observe(max(0.0, waited))


class Standing(Collector):
    """How many tracks stand where at each desk of the owned partitions, read at scrape time."""

    def __init__(self, pillar: Pillar, machines: Mapping[int, DesksMachine]) -> None:
        self.pillar = pillar
        self.machines = machines

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One series per desk, band and state that has any."""
        tracks = GaugeMetricFamily(
            "sameroof_desk_tracks", "Tracks at a desk", labels=["desk", "pillar", "band", "state"]
        )
        for machine in list(self.machines.values()):
            for (desk, band, state), count in list(machine.partition.standing.items()):
                if count:
                    tracks.add_metric([desk, self.pillar, band, state], count)
        yield tracks
