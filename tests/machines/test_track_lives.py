"""One track between a router and two desks that hear of each other late: one live assignment at most, and in the end they agree (I2)."""

from collections import defaultdict, deque
from datetime import datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas import topics
from schemas.base import Actor
from schemas.catalogue import Catalogue
from schemas.commands import OfferCommand, TrackCommand
from schemas.desk_records import DeskTrackRecord
from schemas.words import Band, Pillar, Role, TrackState
from services.responders.machine import DesksMachine
from services.responders.machine import wiring as desk_wiring
from services.rules.lifecycle import OPEN, OWNED
from services.rules.machine import Message
from tests.scenarios.bus import Bus, Seat
from tests.scenarios.town import SUPERVISOR, Town
from tests.shipped import CATALOGUE

REGIONS = ("fr", "be")
PLACES = ("router", "technical-fr", "technical-be")
UNOWNED = (TrackState.PENDING, TrackState.OFFERED)


class TwoDesks(Bus):
    """A router and two technical desks in partitions of their own; whoever is deaf reads later."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        desks = [Seat(DesksMachine(Pillar.TECHNICAL, catalogue), desk_wiring(Pillar.TECHNICAL)) for _ in REGIONS]
        self.seats = [self.seats[0], *desks]
        self.deaf: set[str] = set()
        self.inbox: dict[tuple[str, str], deque[Message]] = defaultdict(deque)

    def _append(self, topic: str, message: Message) -> None:
        super()._append(topic, message)
        placed = self.unread.pop(topic)[-1]
        desk = dict(placed.headers).get("ce_partitionkey", b"").decode()
        self.inbox[desk if desk in PLACES else "router", topic].append(placed)

    def _step(self, seat: Seat, now: datetime) -> bool:
        place = PLACES[self.seats.index(seat)]
        for topic in (topic for tier in seat.wiring.inputs for topic in tier if place not in self.deaf):
            if self.inbox[place, topic.name]:
                self._apply(seat, seat.machine.handle(self.inbox[place, topic.name].popleft(), now), now)
                return True
        return False

    def held(self, place: str) -> DeskTrackRecord | None:
        """The one track as a desk has it."""
        desk = self.seats[PLACES.index(place)].machine
        assert isinstance(desk, DesksMachine)
        return next(iter(desk.partition.tracks.values()), None)


class TrackLives(RuleBasedStateMachine):
    """An unclassified suspicion: one technical track, one responder at each desk."""

    @initialize()
    def a_case_with_one_track(self) -> None:
        self.town = Town(CATALOGUE)
        self.bus = self.town.bus = TwoDesks(CATALOGUE)
        for region in REGIONS:
            self.town.responder(f"r-{region}", f"technical-{region}")
        self.town.reports(None, "unclassified_suspicion")
        self.epoch = 0

    # ------------------------------------------------------------------------------------------------- what happens
    @rule(region=st.sampled_from(REGIONS), verb=st.sampled_from(["accept", "accept", "decline"]))
    def a_responder_answers(self, region: str, verb: str) -> None:
        held = self.bus.held(f"technical-{region}")
        if held is not None and held.offer_id is not None:
            command = OfferCommand(
                **self.town._command(Actor(role=Role.RESPONDER, id=f"r-{region}")),
                desk_id=f"technical-{region}",
                responder_id=f"r-{region}",
                offer_id=held.offer_id,
                track_id=held.dispatch.track_id,
            )
            self.town._to_desk(f"technical-{region}", verb, command)

    @rule(
        region=st.sampled_from(REGIONS),
        verb=st.sampled_from(["contacted", "wait", "resume", "done", "handover", "conflict"]),
    )
    def a_responder_works(self, region: str, verb: str) -> None:
        command = TrackCommand(
            **self.town._command(Actor(role=Role.RESPONDER, id=f"r-{region}")),
            desk_id=f"technical-{region}",
            responder_id=f"r-{region}",
            track_id=self.town.track("technical").track_id,
            result="spoke",
        )
        self.town._to_desk(f"technical-{region}", verb, command)

    @rule(region=st.sampled_from(REGIONS))
    def somebody_reroutes(self, region: str) -> None:
        self.town.asks("reroute", pillar="technical", region=region, reason="speaks_it")

    @rule(band=st.sampled_from([Band.P0, Band.P1, Band.P2]), lower=st.booleans())
    def the_band_changes(self, band: Band, lower: bool) -> None:
        self.town.asks("lower" if lower else "raise", by=SUPERVISOR, band=band, reason="heard")

    @rule()
    def the_case_is_closed(self) -> None:
        self.town.asks("close", reason="nothing_left")

    @rule()
    def the_case_is_reopened(self) -> None:
        self.town.asks("reopen", reason="again")

    @rule(place=st.sampled_from(PLACES[1:]), deeds=st.lists(st.sampled_from(["P0", "P2", "fr", "be"]), max_size=6))
    def much_happens_before_a_desk_hears_of_it(self, place: str, deeds: list[str]) -> None:
        self.bus.deaf.add(place)
        for deed in deeds:
            if deed in REGIONS:
                self.somebody_reroutes(deed)
            else:
                self.the_band_changes(Band(deed), lower=deed == "P2")
            self.town.passes(seconds=6)
        self.everybody_hears_again()

    @rule(place=st.sampled_from(PLACES))
    def somebody_goes_deaf(self, place: str) -> None:
        self.bus.deaf.add(place)

    @rule()
    def everybody_hears_again(self) -> None:
        self.bus.deaf.clear()
        self.bus.settle(self.town.now)

    @rule(seconds=st.sampled_from([1, 5, 60, 900]))
    def time_passes(self, seconds: int) -> None:
        self.town.passes(seconds=seconds)

    @rule()
    def everything_restarts(self) -> None:
        self.town.everything_restarts()

    # ------------------------------------------------------------------------------------------------ what always holds
    @invariant()
    def the_epoch_never_falls(self) -> None:
        epoch = self.town.track("technical").desk_epoch
        assert epoch >= self.epoch
        self.epoch = epoch

    @invariant()
    def an_assignment_is_live_only_while_somebody_works(self) -> None:
        track = self.town.track("technical")
        assert (track.responder_id is not None) == (track.state in OWNED or track.state is TrackState.DONE)

    @invariant()
    def at_most_one_desk_holds_the_track_as_the_router_sent_it(self) -> None:
        epoch = self.town.track("technical").desk_epoch
        holding = [place for place in PLACES[1:] if (held := self.bus.held(place)) and _open(held, epoch)]
        assert len(holding) <= 1

    @invariant()
    def who_hears_everything_agrees(self) -> None:
        track = self.town.track("technical")
        if self.bus.deaf or track.moving_to is not None:
            return
        held = {place: self.bus.held(place) for place in PLACES[1:]}
        open_at = {place for place, one in held.items() if one is not None and one.state in OPEN}
        assert open_at == ({track.desk_id} if track.state in OPEN else set())
        here = held[track.desk_id]
        if here is not None and track.state in OPEN:
            assert (here.dispatch.epoch, here.state, here.owner) == (track.desk_epoch, track.state, track.responder_id)

    @invariant()
    def no_version_is_skipped_or_told_twice(self) -> None:
        told = [event.data for topic, event in self.bus.events if topic == topics.CASE_EVENT_LOG.name]
        versions = [fact.version for fact in told]  # type: ignore[attr-defined]
        assert versions == list(range(1, self.town.case().version + 1))


def _open(held: DeskTrackRecord, epoch: int) -> bool:
    return held.dispatch.epoch == epoch and held.state in OWNED


TrackLives.TestCase.settings = settings(
    max_examples=80, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTrackLives = TrackLives.TestCase
