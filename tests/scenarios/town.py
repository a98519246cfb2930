"""A town to play scenarios in: households, responders on duty, reports, and time that passes when told to."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self

from schemas import case_commands, commands, topics
from schemas.active_release import CHOICE_KEY, CatalogueChoose
from schemas.base import Actor
from schemas.cases import CaseRecord, Clock, Track
from schemas.catalogue import Catalogue, Releases
from schemas.commands import (
    OfferCommand,
    PresenceSet,
    ResponderPut,
    TrackAssign,
    TrackCommand,
)
from schemas.envelope import Event
from schemas.gaps import GapRecord
from schemas.households import Holding, HouseholdBody
from schemas.notices import NoticeIssued
from schemas.outcomes import OutcomeDone, OutcomeRefused
from schemas.reports import ReportBody, ReportSubmitted
from schemas.rosters import ContactMethod, RosterEntry
from schemas.rota_commands import ROTA_COMMANDS, Beat, PageSeen, RotaPut
from schemas.rotas import Layer
from schemas.words import CaseState, Channel, NoticeKind, Pillar, Presence, Role
from schemas.workshops import WORKSHOP_COMMANDS
from services.responders.machine import DesksMachine
from services.responders.state import Partition as Desks
from services.router.machine import RouterMachine
from services.rules import ids
from services.rules.admission import admit, event_of, report_of
from services.rules.detection import with_signals
from services.runtime.partitioning import key_of_each_partition
from tests.scenarios.bus import Bus
from tests.shipped import ABLE

AGENT = Actor(role=Role.AGENT, id="agent-1")
SUPERVISOR = Actor(role=Role.SUPERVISOR, id="supervisor-1")


class Town:
    """Reads as a story; leaving it asserts that nobody was told anything the story did not expect."""

    def __init__(
        self,
        catalogue: Catalogue,
        now: datetime = datetime(2026, 3, 20, 21, 40, tzinfo=UTC),
        releases: Releases | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.now = now
        self.bus = Bus(catalogue, releases)
        self._numbers = count(1)
        self._told = 0
        self.last_case: str | None = None

    # ------------------------------------------------------------------------------------------------ who is there
    def household(
        self, name: str, *, programme: str | None = None, country: str = "FR", valid_to: str | None = None
    ) -> Self:
        """A known household, a member of `programme` if given."""
        holdings = (Holding(programme=programme, valid_from="2020-01-01", valid_to=valid_to),) if programme else ()
        body = HouseholdBody(country=country, language="fr", holdings=holdings)
        household = ids.household_id("town", name)
        command = commands.HouseholdPut(**self._command(AGENT), household_id=household, body=body)
        return self._send(topics.COMMANDS, household, "household_put", command)

    def responder(
        self,
        name: str,
        desk: str,
        *,
        capacity: int = 3,
        on_duty: bool = True,
        verified: bool = True,
        **said: Any,
    ) -> Self:
        """Somebody in a desk's roster: able to do everything, unless said otherwise."""
        methods = (ContactMethod(kind="log", verified=verified),)
        entry = RosterEntry(responder_id=name, desk_id=desk, capacity=capacity, methods=methods, **(ABLE | said))
        put = ResponderPut(**self._command(SUPERVISOR), desk_id=desk, entry=entry)
        self._to_desk(desk, "responder_put", put)
        return self.presence(name, desk, Presence.AVAILABLE) if on_duty else self

    def everyone_on_duty(self, *regions: str) -> Self:
        """One responder per pillar and region, named after their desk."""
        for region in regions or ("fr",):
            for pillar in Pillar:
                self.responder(f"r-{pillar}-{region}", f"{pillar}-{region}")
        return self

    def presence(self, name: str, desk: str, presence: Presence, *, beats: int | None = None) -> Self:
        """A responder comes or goes; their device may promise to say so often that it is there."""
        said = {"desk_id": desk, "responder_id": name, "presence": presence, "heartbeat_seconds": beats}
        command = PresenceSet.model_validate({**self._command(SUPERVISOR), **said})
        return self._to_desk(desk, "presence", command)

    def beats(self, name: str, desk: str, *, every: int = 30) -> Self:
        """A responder's device says that it is there."""
        command = Beat(**self._command(SUPERVISOR), desk_id=desk, responder_id=name, heartbeat_seconds=every)
        return self._to_desk(desk, "beat", command)

    def rota(self, desk: str, *layers: Layer) -> Self:
        """A desk's rota is written down, and looked at."""
        return self._to_desk(
            desk, "rota_put", RotaPut(**self._command(SUPERVISOR), desk_id=desk, layers=layers)
        ).passes()

    def plans(self, desk: str, verb: str, **said: Any) -> Self:
        """An override, a swap or leave; or an answer to one."""
        model = ROTA_COMMANDS[commands.command_type(verb)]
        return self._to_desk(
            desk, verb, model.model_validate({**self._command(SUPERVISOR), "desk_id": desk, **said})
        ).passes()

    def workshop(self, verb: str, desk: str, *, by: str | None = None, name: str = "workshop", **said: Any) -> Self:
        """A supervisor, or this responder, plans a workshop, invites, takes out, says how it went, or cancels it."""
        model = WORKSHOP_COMMANDS[commands.command_type(f"workshop_{verb}")]
        actor = SUPERVISOR if by is None else Actor(role=Role.RESPONDER, id=by)
        told = {**self._command(actor), "desk_id": desk, "workshop_id": name, **said}
        return self._to_desk(desk, f"workshop_{verb}", model.model_validate(told))

    def sees(self, desk: str, page: str) -> Self:
        """The duty lead of a desk has seen its page."""
        return self._to_desk(
            desk, "page_acknowledge", PageSeen(**self._command(SUPERVISOR), desk_id=desk, page_id=page)
        )

    # -------------------------------------------------------------------------------------------------- what happens
    def reports(self, household: str | None, code: str | None, *, key: str | None = None, **said: Any) -> Self:
        """An agent sends a report by the door's own admission."""
        return self.arrives(self.report(household, code, key=key, **said))

    def report(
        self, household: str | None, code: str | None, *, key: str | None = None, **said: Any
    ) -> ReportSubmitted:
        """An agent's report, admitted and not yet on the bus."""
        body = {"code": code, "household_id": ids.household_id("town", household) if household else None, **said}
        raw = json.dumps({name: value for name, value in body.items() if value is not None}).encode()
        admitted = admit(raw, sender=None, at=self.now, catalogue=self.catalogue)
        return report_of(
            admitted,
            source="urn:sameroof:intake",
            report_id=key or f"report-{next(self._numbers)}",
            channel=Channel.AGENT,
            actor=AGENT,
            received_at=self.now,
            answer=True,
        )

    def arrives(self, report: ReportSubmitted) -> Self:
        """A report comes in over the bus."""
        topic, event = event_of(report, self.catalogue)
        self.bus.publish(topic, report.household_id, event, self.now)
        self.bus.settle(self.now)
        self.last_case = ids.case_id(report.household_id, report.source, report.report_id)
        return self

    def answers(
        self, verb: str, responder: str, pillar: str, *, offer: str | None = None, at: datetime | None = None
    ) -> Self:
        """A responder accepts or declines the offer they hold on the last case's track (or an older one)."""
        track = self.track(pillar)
        held = self.asked(responder, pillar)
        command = OfferCommand(
            **self._command(Actor(role=Role.RESPONDER, id=responder), at=at),
            desk_id=track.desk_id,
            responder_id=responder,
            offer_id=offer or held or track.offer_id or "none",
            track_id=track.track_id,
        )
        return self._to_desk(track.desk_id, verb, command)

    def asked(self, responder: str, pillar: str) -> str | None:
        """The offer a responder holds on the last case's track, as its desk knows it."""
        held = self.desk(pillar).tracks.get(self.track(pillar).track_id)
        offers = held.offers if held else ()
        return next((one.offer_id for one in offers if one.responder_id == responder), None)

    def works(self, verb: str, responder: str, pillar: str, *, at: datetime | None = None, **said: Any) -> Self:
        """The owner of a track says something about it."""
        track = self.track(pillar)
        command = TrackCommand(
            **self._command(Actor(role=Role.RESPONDER, id=responder), at=at),
            desk_id=track.desk_id,
            responder_id=responder,
            track_id=track.track_id,
            **said,
        )
        return self._to_desk(track.desk_id, verb, command)

    def assigns(self, responder: str, pillar: str, *, reason: str | None = None) -> Self:
        """A supervisor gives a track to somebody."""
        track = self.track(pillar)
        command = TrackAssign(
            **self._command(SUPERVISOR),
            desk_id=track.desk_id,
            track_id=track.track_id,
            responder_id=responder,
            reason=reason,
        )
        return self._to_desk(track.desk_id, "assign", command)

    def asks(self, verb: str, **said: Any) -> Self:
        """A command on the last case."""
        model = case_commands.ROUTER_COMMANDS[commands.command_type(verb)]
        case = self.case()
        about = {"case_id": case.case_id} if "case_id" in model.model_fields else {}
        if "facts" in said:
            said["facts"], said["detected"] = with_signals(ReportBody.model_validate(said["facts"]))
        command = model.model_validate(
            {**self._command(said.pop("by", AGENT)), "household_id": case.household_id, **about, **said}
        )
        return self._send(topics.COMMANDS, case.household_id, verb, command)

    def chooses(self, release: str, *, seen: int | None = None) -> Self:
        """A supervisor makes a release the active one, having seen the choice of this number."""
        keys = key_of_each_partition(CHOICE_KEY, 1)
        command = CatalogueChoose(
            **self._command(SUPERVISOR), expected_version=seen, release=release, household_keys=keys, desk_keys=keys
        )
        return self._send(topics.COMMANDS, CHOICE_KEY, "catalogue_choose", command)

    def passes(self, **duration: float) -> Self:
        """Time passes; every deadline on the way fires at its own instant."""
        end = self.now + timedelta(**duration)
        while (due := self.bus.next_due()) is not None and due <= end:
            self.now = max(self.now, due)
            self.bus.fire(self.now)
        self.now = end
        return self

    def sleeps(self, **duration: float) -> Self:
        """Time passes while nothing runs: whatever fell due meanwhile fires when everybody is back."""
        self.now += timedelta(**duration)
        self.bus.fire(self.now)
        return self

    @contextmanager
    def router_reads_later(self) -> Iterator[Self]:
        """What desks tell meanwhile is read by the router at the end; its deadlines fire all the same."""
        router = self.bus.seats[0]
        heard = ((topics.INCIDENTS_P0,), (topics.COMMANDS,), (topics.INCIDENTS,))
        wiring, router.wiring = router.wiring, replace(router.wiring, inputs=heard)
        try:
            yield self
        finally:
            router.wiring = wiring
            self.bus.settle(self.now)

    def everything_restarts(self) -> Self:
        """All processes die and come back from their changelogs."""
        self.bus.restart()
        return self

    # ------------------------------------------------------------------------------------------------ what is expected
    def on_duty(self, desk: str) -> dict[str, str]:
        """How everybody in a desk's roster is there now."""
        return {
            one.entry.responder_id: one.presence.value for one in self.desk(desk.partition("-")[0]).crowd.roster(desk)
        }

    def gaps(self, desk: str) -> list[GapRecord]:
        """What a desk knows nobody covers, the soonest first."""
        found = self.desk(desk.partition("-")[0]).duty.gaps_of(desk)
        return sorted(found, key=lambda one: (one.begins, one.cells))

    def expects_offers(self, *responders: str, paged: str | None = None) -> Self:
        """Since the last expectation exactly these responders were rung, and nobody but this post was paged."""
        posts = () if paged is None else (("page", f"post:{paged}"),)
        return self.expects_told(*(("offer", one) for one in responders), *posts)

    def expects_pages(self, *posts: str) -> Self:
        """Since the last expectation exactly these posts were paged."""
        return self._expects(NoticeKind.PAGE, [f"post:{post}" for post in posts])

    def expects_reminders(self, *responders: str) -> Self:
        """Since the last expectation exactly these responders were reminded of a promise."""
        return self._expects(NoticeKind.REMINDER, responders)

    def expects_told(self, *told: tuple[str, str]) -> Self:
        """Since the last expectation exactly these notices were issued: kind and recipient, in any order."""
        assert sorted(told) == sorted((notice.kind.value, notice.recipient) for notice in self._new_notices())
        return self

    def ignoring_what_was_told(self) -> Self:
        """Notices so far are another test's subject."""
        self._new_notices()
        return self

    def expects_silence(self) -> Self:
        """Nobody was told anything since the last expectation."""
        assert self._new_notices() == []
        return self

    def expects_outcome(self, expected: str) -> Self:
        """The latest outcome is `done`, `repeated`, or a refusal's reason."""
        data = next(event.data for topic, event in reversed(self.bus.events) if topic == "outcomes")
        if isinstance(data, OutcomeDone):
            assert expected == ("repeated" if data.repeated else "done")
        else:
            assert isinstance(data, OutcomeRefused)
            assert expected == data.reason
        return self

    def expects(self, pillar: str, state: str, *, responder: str | None = None) -> Self:
        """Where a track of the last case stands, and whose it is."""
        track = self.track(pillar)
        assert (state, responder) == (track.state, track.responder_id)
        return self

    def case(self) -> CaseRecord:
        """The last reported case, as its router has it; where it goes on, if it was merged or its report was attached."""
        assert self.last_case is not None
        found = self.router.partition.find(self.last_case)
        assert found is not None
        return found

    def cases(self) -> list[CaseRecord]:
        """Every case, oldest first."""
        return sorted(self.router.partition.cases.values(), key=lambda case: (case.opened_at, case.case_id))

    @property
    def router(self) -> RouterMachine:
        """The router's machine."""
        router = self.bus.seats[0].machine
        assert isinstance(router, RouterMachine)
        return router

    def about(self, case: CaseRecord) -> Self:
        """The story goes on with this case."""
        self.last_case = case.case_id
        return self

    def desk(self, pillar: str) -> Desks:
        """What the desks of a pillar know."""
        machine = next(seat.machine for seat in self.bus.seats if seat.wiring.group == f"responders-{pillar}")
        assert isinstance(machine, DesksMachine)
        return machine.partition

    def track(self, pillar: str) -> Track:
        """One track of the last case."""
        return next(track for track in self.case().tracks if track.pillar == pillar)

    def clock(self, pillar: str, name: str) -> Clock | None:
        """A promise of the last case that is still to be kept."""
        return next((clock for clock in self.track(pillar).clocks if clock.name == name), None)

    def facts(self, name: str) -> list[Event]:
        """Every fact of this name told about any case."""
        wanted = f"eu.sameroof.case.v1.{name}"
        return [event for topic, event in self.bus.events if topic == "case.events" and event.type == wanted]

    def close(self) -> None:
        """The story ends: nothing unexpected was said, ids are unique, books balance, and a restart changes nothing."""
        self.expects_silence()
        self.everything_restarts()
        repeated = [key for key, n in Counter((topic, event.id) for topic, event in self.bus.events).items() if n > 1]
        assert [key for key in repeated if key[0] not in {"outcomes", "incidents", "incidents.p0"}] == []
        books, cases = self.router.partition.books, self.router.partition.cases
        assert books.read == books.attached + books.repeated + books.dead_lettered
        standing = Counter(case.state for case in cases.values())
        ended = (standing[CaseState.CLOSED], standing[CaseState.MERGED])
        assert (books.opened, books.closed, books.merged, books.open) == (len(cases), *ended, len(cases) - sum(ended))
        self.versions_are_gapless()

    def versions_are_gapless(self) -> None:
        """Every case's facts are numbered from one, without a gap or a fork, up to its record's version (I10)."""
        told: dict[str, list[int]] = {}
        for topic, event in self.bus.events:
            if topic == "case.events":
                told.setdefault(event.data.case_id, []).append(event.data.version)  # type: ignore[attr-defined]
        assert {case_id: case.version for case_id, case in self.router.partition.cases.items()} == {
            case_id: versions[-1] for case_id, versions in told.items()
        }
        assert all(versions == list(range(1, len(versions) + 1)) for versions in told.values())

    # ------------------------------------------------------------------------------------------------------- plumbing
    def _expects(self, kind: NoticeKind, recipients: Any) -> Self:
        told = self._new_notices()
        assert sorted(recipients) == sorted(notice.recipient for notice in told)
        assert all(notice.kind is kind for notice in told)
        return self

    def _new_notices(self) -> list[NoticeIssued]:
        told = [event.data for topic, event in self.bus.events if topic == "notices"]
        new = told[self._told :]
        self._told = len(told)
        return [notice for notice in new if isinstance(notice, NoticeIssued)]

    def _command(self, actor: Actor, at: datetime | None = None) -> dict[str, Any]:
        return {"command_id": f"command-{next(self._numbers)}", "actor": actor, "received_at": at or self.now}

    def _to_desk(self, desk: str, verb: str, command: commands.Command) -> Self:
        return self._send(topics.desk_commands(Pillar(desk.partition("-")[0])), desk, verb, command)

    def _send(self, topic: topics.Topic, key: str, verb: str, command: commands.Command) -> Self:
        event = Event(
            id=ids.derived("command", command.command_id, str(len(self.bus.events))),
            type=commands.command_type(verb),
            source="urn:sameroof:intake",
            time=self.now,
            data=command,
            partitionkey=key,
        )
        self.bus.publish(topic, key, event, self.now)
        self.bus.settle(self.now)
        return self
