"""Whatever happens to a promise, in whatever order and however late we read of it: a second arithmetic agrees with the router's.

The oracle counts whole seconds and knows nothing of the product but DOMAIN section 8.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.clock_events import ClockFact
from services.router.due import dues_of, next_look
from tests.shipped import FOUR_PROMISES
from tests.unit.router.lone_router import LoneRouter

START = datetime(2026, 3, 27, 12, tzinfo=UTC)
H, D = 3600, 86_400
TECHNICAL = {  # of the lead track
    "P0": {"acknowledge": 120, "first_response": 300, "next_contact": H // 2, "resolve": 24 * H},
    "P1": {"acknowledge": 600, "first_response": 1800, "next_contact": 4 * H, "resolve": 3 * D},
    "P2": {"acknowledge": H, "first_response": 4 * H, "next_contact": 24 * H, "resolve": 7 * D},
    "P3": {"acknowledge": 8 * H, "first_response": 24 * H, "next_contact": 5 * D, "resolve": 10 * D},
}
MAY_PAUSE = ("P2", "P3")


@dataclass(frozen=True)
class Run:
    """One promise being kept: all in seconds since the start of the test."""

    start: int
    within: int
    paused: int = 0
    paused_at: int | None = None
    not_before: int = 0
    broken: bool = False

    @property
    def due(self) -> int:
        return max(self.start + self.within + self.paused, self.not_before)


class ClockLives(RuleBasedStateMachine):
    """One case with one track; the desk's facts are read up to some minutes after they happened."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.contacted = -1
        self.last = 0  # when the desk last did something: its facts come in order
        self.band = "P3"
        self.state = "pending"
        self.router = LoneRouter(FOUR_PROMISES, START)
        self.runs = {name: Run(0, TECHNICAL["P3"][name]) for name in ("acknowledge", "first_response", "resolve")}
        self.broken: set[tuple[str, int]] = set()

    @initialize(band=st.sampled_from(sorted(TECHNICAL)), begun=st.integers(0, 3))
    def somewhere_in_its_life(self, band: str, begun: int) -> None:
        self.the_band_changes(band)
        self._wait(1)  # nobody takes a track in the instant its report comes
        self.last = 1
        if begun >= 1:
            self.somebody_accepts(0)
        if begun >= 2:
            self.the_victim_is_called(0, spoke=True)
        if begun >= 3:
            self.the_work_waits(0, victim=True)

    # ------------------------------------------------------------------------------------------------- what happens
    @rule(seconds=st.sampled_from([1, 59, 60, 119, 600, 1799, H, 4 * H - 1, 8 * H, 24 * H, 3 * D]))
    def time_passes_and_timers_fire(self, seconds: int) -> None:
        self._wait(seconds)
        self.router.fire()
        for name, run in list(self.runs.items()):
            if run.paused_at is None and not run.broken and run.due <= self.now:
                self._breaks(name)

    @rule(seconds=st.sampled_from([1, 120, 900, 4 * H, D, 3 * D]))
    def time_passes_between_two_sweeps(self, seconds: int) -> None:
        self._wait(seconds)

    @precondition(lambda self: self.state == "pending")
    @rule(ago=st.integers(0, 300))
    def somebody_accepts(self, ago: int) -> None:
        at = self._happens(ago)
        self._tell("accepted", at, offer_id="o", responder_id="r")
        self._stops("acknowledge", at)
        self.state = "accepted"

    @precondition(lambda self: self.state not in ("pending", "done"))
    @rule(ago=st.integers(0, 300), spoke=st.booleans())
    def the_victim_is_called(self, ago: int, spoke: bool) -> None:
        at = self._happens(ago)
        self._tell("contacted", at, responder_id="r", result="spoke" if spoke else "no_answer")
        self._resumes(at)
        if spoke and at > self.contacted:
            self.contacted = at
            self._stops("first_response", at)
            self._stops("next_contact", at)
            self.runs["next_contact"] = Run(at, TECHNICAL[self.band]["next_contact"])
        self.state = "active"

    @precondition(lambda self: self.state in ("accepted", "active"))
    @rule(ago=st.integers(0, 300), victim=st.booleans())
    def the_work_waits(self, ago: int, victim: bool) -> None:
        at = self._happens(ago)
        self._tell("waiting", at, responder_id="r", result=None if victim else "third_party")
        self.state = "waiting_victim" if victim else "waiting_third_party"
        for name, run in list(self.runs.items()):
            if victim and self.band in MAY_PAUSE and name != "next_contact" and at < run.due:
                if run.broken:
                    self._corrects(name)
                self.runs[name] = replace(run, paused_at=at, broken=False)

    @precondition(lambda self: self.state.startswith("waiting"))
    @rule(ago=st.integers(0, 300))
    def the_work_goes_on(self, ago: int) -> None:
        at = self._happens(ago)
        self._tell("resumed", at, responder_id="r")
        self._resumes(at)
        self.state = "active"

    @precondition(lambda self: self.state in ("accepted", "active"))
    @rule(seconds=st.sampled_from([60, H, D]), band=st.sampled_from(sorted(TECHNICAL)))
    def the_victim_is_waited_for_and_comes_back_and_it_turns_out_otherwise(self, seconds: int, band: str) -> None:
        self.the_work_waits(0, victim=True)
        self.time_passes_and_timers_fire(seconds)
        self.the_work_goes_on(0)
        self.the_band_changes(band)

    @precondition(lambda self: self.state not in ("pending", "done"))
    @rule(ago=st.integers(0, 300))
    def the_track_is_handed_over(self, ago: int) -> None:
        at = self._happens(ago)
        self._tell("released", at, responder_id="r", reason="handover")
        self._resumes(at)
        self.runs["acknowledge"] = Run(at, TECHNICAL[self.band]["acknowledge"])
        self.state = "pending"

    @precondition(lambda self: self.state not in ("pending", "done"))
    @rule(ago=st.integers(0, 300))
    def the_work_is_done(self, ago: int) -> None:
        at = self._happens(ago)
        self._tell("done", at, responder_id="r")
        self._resumes(at)
        self._stops("resolve", at)
        for name, run in self.runs.items():
            if not run.broken and run.due < at:
                self._breaks(name)
        self.runs.clear()
        self.state = "done"

    @precondition(lambda self: self.state == "done")
    @rule()
    def the_case_is_reopened(self) -> None:
        self.last = self.now
        self.contacted = -1
        self.router.command("reopen", reason="again")
        names = ("acknowledge", "first_response", "resolve")
        self.runs = {name: Run(self.now, TECHNICAL[self.band][name]) for name in names}
        self.state = "pending"

    @precondition(lambda self: self.state != "done")
    @rule(band=st.sampled_from(sorted(TECHNICAL)))
    def the_band_changes(self, band: str) -> None:
        if band == self.band:
            return
        self.last = self.now
        self.router.command("raise" if band < self.band else "lower", band=band, reason="heard")
        self.band = band
        for name, run in list(self.runs.items()):
            self.runs[name] = self._rebased(name, run)

    # ------------------------------------------------------------------------------------------------- what must hold
    @invariant()
    def every_promise_runs_from_its_start_until_when_the_oracle_says(self) -> None:
        live = {
            clock.name: clock for clock in self.router.track.clocks if clock.state in ("running", "paused", "breached")
        }
        assert sorted(live) == sorted(self.runs)
        for name, run in self.runs.items():
            clock = live[name]
            assert clock.started_at == START + timedelta(seconds=run.start)
            assert clock.paused == timedelta(seconds=run.paused)
            assert (clock.state == "breached") is run.broken
            assert (clock.state == "paused") is (run.paused_at is not None)
            if run.paused_at is None and not run.broken:
                assert clock.due == START + timedelta(seconds=run.due)

    @invariant()
    def nothing_was_told_that_the_oracle_does_not_expect(self) -> None:
        assert [fact for fact, _ in self.router.take_facts() if fact not in ("clock_warned", "clock_met")] == []

    @invariant()
    def it_is_looked_at_again_when_the_first_of_all_is_due(self) -> None:
        due = [one.at for one in dues_of(self.router.case, FOUR_PROMISES)]
        assert next_look(self.router.case, FOUR_PROMISES) == min(due, default=None)

    # ------------------------------------------------------------------------------------------------------- plumbing
    def _wait(self, seconds: int) -> None:
        self.now += seconds
        self.router.now = START + timedelta(seconds=self.now)

    def _happens(self, ago: int) -> int:
        self.last = max(self.last, self.now - ago)
        return self.last

    def _tell(self, fact: str, at: int, **said: object) -> None:
        self.router.progress(fact, START + timedelta(seconds=at), **said)

    def _told(self, fact: str, name: str) -> ClockFact:
        """The one fact of this kind about this promise, taken out of what was told."""
        (found,) = [data for kind, data in self.router.facts if kind == fact and (data.milestone or data.kind) == name]
        self.router.facts = [one for one in self.router.facts if one[1] is not found]
        return found

    def _breaks(self, name: str) -> None:
        run = self.runs[name]
        told = self._told("clock_breached", name)
        assert run.due <= self.now, "never early"
        assert (name, run.start) not in self.broken, "broken once"
        assert told.lateness_seconds == self.now - run.due
        self.broken.add((name, run.start))
        self.runs[name] = replace(run, broken=True)

    def _corrects(self, name: str) -> None:
        self._told("clock_corrected", name)
        self.broken.discard((name, self.runs[name].start))

    def _stops(self, name: str, at: int) -> None:
        run = self.runs.get(name)
        if run is None:
            return
        in_time = run.paused_at is not None or at <= run.due
        if run.broken and in_time:
            self._corrects(name)
        elif in_time:
            self._told("clock_met", name)
        else:
            if not run.broken:
                self._breaks(name)
            assert self._told("clock_late", name).lateness_seconds == at - run.due
        del self.runs[name]

    def _resumes(self, at: int) -> None:
        for name, run in list(self.runs.items()):
            if run.paused_at is not None:
                still = max(0, at - run.paused_at)
                self.runs[name] = replace(run, paused=run.paused + still, paused_at=None, not_before=0)

    def _rebased(self, name: str, run: Run) -> Run:
        within = TECHNICAL[self.band][name]
        if run.broken or (run.paused_at is None and run.due < self.now):
            return run
        stands = self.state == "waiting_victim" and self.band in MAY_PAUSE and name != "next_contact"
        if run.paused_at is not None and not stands:
            run = replace(run, paused=run.paused + self.now - run.paused_at, paused_at=None)
        changed = replace(run, within=within, not_before=0)
        if changed.paused_at is not None and changed.due > changed.paused_at:
            return changed
        if changed.due != run.due or changed.paused_at is not None:
            changed = replace(changed, not_before=self.now, paused_at=None)
        return replace(changed, paused_at=self.now) if stands and changed.due > self.now else changed


ClockLives.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestClockLives = ClockLives.TestCase


def test_reopened_and_reopened_again_within_one_instant_its_silence_still_climbs() -> None:
    life = ClockLives()
    life.somewhere_in_its_life("P0", begun=1)
    for _ in range(2):
        life.the_work_is_done(ago=0)
        life.the_case_is_reopened()
        life.the_band_changes("P1")
        life.the_band_changes("P0")
        life.somebody_accepts(ago=0)
    life.the_track_is_handed_over(ago=0)
    life.time_passes_and_timers_fire(600)
    assert [page.promise for page in life.router.track.pages if page.waits] == ["acknowledge", "first_response"]
    life.the_band_changes("P1")
    life.every_promise_runs_from_its_start_until_when_the_oracle_says()
