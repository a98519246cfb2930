"""A desk's metrics: offers, how soon they came, how they ended, who waits. All of them are declared here."""

from collections import Counter as Counts
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas.desk_records import DeskTrackRecord
from schemas.envelope import Event
from schemas.progress import Offered, Progress
from schemas.words import Pillar
from services.responders.machine import DesksMachine
from services.responders.state import Partition
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
    """What stands where at each desk of the owned partitions, read at scrape time: tracks, since when the oldest waits, gaps."""

    def __init__(self, pillar: Pillar, machines: Mapping[int, DesksMachine]) -> None:
        self.pillar = pillar
        self.machines = machines

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One series for each that has any."""
        partitions = [machine.partition for machine in list(self.machines.values())]
        yield self._tracks(partitions)
        yield self._oldest(partitions)
        yield self._gaps(partitions)

    def _tracks(self, partitions: Iterable[Partition]) -> GaugeMetricFamily:
        tracks = GaugeMetricFamily(
            "sameroof_desk_tracks", "Tracks at a desk", labels=["desk", "pillar", "band", "state"]
        )
        for partition in partitions:
            for (desk, band, state), count in list(partition.standing.items()):
                if count:
                    tracks.add_metric([desk, self.pillar, band, state], count)
        return tracks

    def _oldest(self, partitions: Iterable[Partition]) -> GaugeMetricFamily:
        """Since when, by our receipt of its report: neither age nor urgency that the queue counts changes it."""
        oldest = GaugeMetricFamily(
            "sameroof_desk_oldest_receipt_timestamp_seconds",
            "Receipt of the report that has waited longest for somebody to accept",
            labels=["desk", "pillar", "band"],
        )
        for partition in partitions:
            for (desk, band), waiting in list(partition.waits.since.items()):
                if waiting:
                    oldest.add_metric([desk, self.pillar, band], min(waiting.values()).timestamp())
        return oldest

    def _gaps(self, partitions: Iterable[Partition]) -> GaugeMetricFamily:
        """`of` the rota, or of who is there and has room `now`."""
        gaps = GaugeMetricFamily("sameroof_desk_gaps", "Gaps that are open", labels=["desk", "pillar", "of"])
        for partition in partitions:
            found = Counts((one.desk_id, "now" if one.live else "rota") for one in list(partition.duty.gaps.values()))
            for (desk, of), count in found.items():
                gaps.add_metric([desk, self.pillar, of], count)
        return gaps
