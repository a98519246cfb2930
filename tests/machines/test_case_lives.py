"""Whatever agents do to the cases of two households, in whatever order: none is lost, forked, left alone, or joined to the other side."""

import json
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.outcomes import OutcomeDone, OutcomeRefused
from schemas.words import Band, CaseState, LinkKind, TrackState
from services.rules.again import Difference, judge_again
from services.rules.clocks import LIVE
from services.rules.lifecycle import AT_WORK, ENDED, OPEN
from services.rules.sides import opposite, side_of
from tests.scenarios.town import SUPERVISOR, Town
from tests.shipped import CATALOGUE

HOUSEHOLDS = st.sampled_from(["h1", "h2"])
CODES = st.sampled_from(["phishing", "threat", "identity_theft", "unclassified_suspicion"])
SIGNALS = st.sampled_from([(), (), ("self_harm",), ("same_roof_offender",), ("money_leaving",)])
PEOPLE = st.sampled_from([None, None, "m1", "m2"])
CHOICE = st.integers(0, 30)
SAME = {"platform": "chat_app", "offender_relation": "classmate"}
REASON = "decided"


def told_otherwise(told: Any, catalogue: Catalogue) -> list[tuple[str, Difference]]:
    """Every difference between what a fact tells and what is decided again from it."""
    why = getattr(told, "explanations", None) or [one for one in [getattr(told, "explanation", None)] if one]
    written = json.loads(told.model_dump_json(exclude_none=True))
    judged = judge_again(written, why, {catalogue.version: catalogue}.get)
    return [(one.stored.rule, difference) for one in judged for difference in one.differences]


class CaseLives(RuleBasedStateMachine):
    """Two households, every desk answered by one person, agents and a supervisor who may do anything."""

    @initialize()
    def the_town_is_there(self) -> None:
        self.town = Town(CATALOGUE).everyone_on_duty("fr", "be")
        self.bands: dict[str, Band] = {}
        self.versions: dict[str, int] = {}
        self.seen = 0

    # ------------------------------------------------------------------------------------------------- what happens
    @rule(household=HOUSEHOLDS, code=CODES, signals=SIGNALS, people=st.tuples(PEOPLE, PEOPLE))
    def somebody_reports(
        self, household: str, code: str, signals: tuple[str, ...], people: tuple[str | None, str | None]
    ) -> None:
        victim, offender = people
        if len(self.town.cases()) < 6:
            self.town.passes(seconds=1).reports(
                household, code, signals=list(signals), victim_member_id=victim, offender_member_id=offender, **SAME
            )

    @rule(which=CHOICE, code=CODES, signals=SIGNALS, drop=st.booleans())
    def more_becomes_known(self, which: int, code: str, signals: tuple[str, ...], drop: bool) -> None:
        case = self._case(which)
        if case is not None:
            facts = {"code": code, "signals": list(signals)}
            self._asks(case, "update", facts=facts, dropped_codes=[case.code] if drop and case.code != code else [])

    @rule(which=CHOICE, country=st.sampled_from(["FR", "BE"]))
    def the_country_becomes_known(self, which: int, country: str) -> None:
        case = self._case(which)
        if case is not None:
            self._asks(case, "update", facts={"country": country})

    @rule(which=CHOICE, band=st.sampled_from(list(Band)))
    def somebody_raises(self, which: int, band: Band) -> None:
        case = self._case(which)
        if case is not None:
            self._asks(case, "raise", band=band, reason=REASON)

    @rule(which=CHOICE, band=st.sampled_from(list(Band)), close=st.booleans())
    def somebody_lowers(self, which: int, band: Band, close: bool) -> None:
        case = self._case(which)
        if case is None:
            return
        if close:
            self._asks(case, "update", by=SUPERVISOR, closed_signals=list(case.signals), reason=REASON)
        outcome = self._asks(case, "lower", band=band, reason=REASON)
        if isinstance(outcome, OutcomeDone):
            self.bands[outcome.subject] = band

    @rule(which=CHOICE, checked=st.booleans())
    def somebody_closes(self, which: int, checked: bool) -> None:
        case = self._case(which)
        if case is not None:
            self._asks(case, "close", reason=REASON, safety_checked=checked)

    @rule(which=CHOICE)
    def somebody_reopens(self, which: int) -> None:
        case = self._case(which)
        if case is not None:
            self._asks(case, "reopen", reason=REASON)

    @rule(which=CHOICE, into=CHOICE)
    def somebody_merges(self, which: int, into: int) -> None:
        case, other = self._case(which), self._case(into)
        if case is None or other is None:
            return
        goes_on = [self.town.router.partition.find(one.case_id) for one in (case, other)]
        named = {"into_case_id": other.case_id, "into_household_id": other.household_id}
        outcome = self._asks(case, "merge", reason=REASON, **named)
        if isinstance(outcome, OutcomeDone):
            one, into_one = (found for found in goes_on if found is not None)
            assert one.household_id == into_one.household_id
            assert into_one.case_id not in one.walled_from

    @rule(which=CHOICE, code=CODES, report=st.integers(0, 3))
    def somebody_splits(self, which: int, code: str, report: int) -> None:
        case = self._case(which)
        if case is not None and len(self.town.cases()) < 8:
            reports = case.reports[report : report + 1]
            code = code if reports else case.secondary_codes[0] if case.secondary_codes else case.code
            self._asks(case, "split", code=code, reports=list(reports), reason=REASON)

    @rule(which=CHOICE, to=CHOICE, kind=st.sampled_from([LinkKind.RELATED, LinkKind.OPPOSITE_SIDES]))
    def somebody_links(self, which: int, to: int, kind: LinkKind) -> None:
        case, other = self._case(which), self._case(to)
        if case is not None and other is not None:
            named = {"other_case_id": other.case_id, "other_household_id": other.household_id}
            self._asks(case, "link", kind=kind, reason=REASON, **named)

    @rule(which=CHOICE, pillar=st.integers(0, 3), region=st.sampled_from(["fr", "be"]))
    def somebody_reroutes(self, which: int, pillar: int, region: str) -> None:
        case = self._case(which)
        if case is not None:
            track = case.tracks[pillar % len(case.tracks)]
            self._asks(case, "reroute", pillar=track.pillar, region=region, reason=REASON)

    @rule(which=CHOICE, verbs=st.sampled_from([("accept",), ("accept", "contacted"), ("accept", "contacted", "done")]))
    def responders_work(self, which: int, verbs: tuple[str, ...]) -> None:
        case = self._case(which)
        if case is None or case.merged_into is not None:
            return
        self.town.about(case)
        for track in case.tracks:
            region = track.desk_id.partition("-")[2]
            for verb in verbs:
                answering = self.town.answers if verb == "accept" else self.town.works
                answering(verb, f"r-{track.pillar}-{region}", track.pillar)

    @rule(minutes=st.sampled_from([1, 6, 45]))
    def time_passes(self, minutes: int) -> None:
        self.town.passes(minutes=minutes)

    @rule()
    def everything_restarts(self) -> None:
        self.town.everything_restarts()

    def _case(self, which: int) -> CaseRecord | None:
        cases = self.town.cases()
        return cases[which % len(cases)] if cases else None

    def _asks(self, case: CaseRecord, verb: str, **said: Any) -> OutcomeDone | OutcomeRefused:
        """A command with the version its author sees; it ends in exactly one outcome, and refused it changes nothing."""
        told = len(self.town.bus.events)
        self.town.about(case).asks(verb, case_id=case.case_id, **said)
        outcomes = [event.data for topic, event in self.town.bus.events[told:] if topic == "outcomes"]
        (outcome,) = outcomes
        assert isinstance(outcome, OutcomeDone | OutcomeRefused)
        if isinstance(outcome, OutcomeRefused):
            assert not [event for topic, event in self.town.bus.events[told:] if topic == "case.events"]
        return outcome

    # ------------------------------------------------------------------------------------------------ what always holds
    @invariant()
    def no_version_is_skipped_or_told_twice_and_every_decision_comes_out_the_same_again(self) -> None:
        for topic, event in self.town.bus.events[self.seen :]:
            if topic == "case.events":
                told: Any = event.data
                assert told_otherwise(told, CATALOGUE) == []
                assert told.version == self.versions.get(told.case_id, 0) + 1
                self.versions[told.case_id] = told.version
        self.seen = len(self.town.bus.events)
        assert self.versions == {case.case_id: case.version for case in self.town.cases()}

    @invariant()
    def the_books_balance(self) -> None:
        books, cases = self.town.router.partition.books, self.town.cases()
        assert books.read == books.attached + books.repeated + books.dead_lettered
        standing = Counter(case.state for case in cases)
        ended = (standing[CaseState.CLOSED], standing[CaseState.MERGED])
        assert (books.opened, books.closed, books.merged, books.open) == (len(cases), *ended, len(cases) - sum(ended))

    @invariant()
    def a_merged_case_leads_to_one_that_goes_on(self) -> None:
        for case in self.town.cases():
            if case.state is CaseState.MERGED:
                found = self.town.router.partition.find(case.case_id)
                assert found is not None
                assert found.household_id == case.household_id

    @invariant()
    def nothing_of_an_ended_case_still_runs(self) -> None:
        for case in self.town.cases():
            if case.state in ENDED:
                assert not [track for track in case.tracks if track.state in OPEN]
                assert not [clock for track in case.tracks for clock in track.clocks if clock.state in LIVE]

    @invariant()
    def no_case_at_work_is_without_somebody_to_wait_for(self) -> None:
        for case in self.town.cases():
            if case.state in AT_WORK:
                assert any(track.state in OPEN for track in case.tracks), case.state

    @invariant()
    def one_track_leads(self) -> None:
        for case in self.town.cases():
            assert len({track.pillar for track in case.tracks}) == len(case.tracks)
            assert sum(track.lead for track in case.tracks) == 1

    @invariant()
    def only_a_human_lowers_a_band_and_no_signal_is_forgotten(self) -> None:
        for case in self.town.cases():
            before = self.bands.get(case.case_id, Band.P3)
            assert case.band.rank <= before.rank
            self.bands[case.case_id] = case.band
            assert {one.signal for one in case.closed_signals} <= set(case.signals)

    @invariant()
    def walls_stand_on_both_sides_and_no_link_passes_them(self) -> None:
        cases = {case.case_id: case for case in self.town.cases()}
        for case in cases.values():
            for other in case.walled_from:
                assert case.case_id in cases[other].walled_from
            for link in case.links:
                if link.kind is LinkKind.MERGED:
                    continue
                goes_on = self.town.router.partition.find(link.case_id)
                assert goes_on is not None
                assert goes_on.case_id not in case.walled_from
                parts = any(one.kind is LinkKind.SPLIT for one in case.links if one.case_id == link.case_id)
                assert not opposite(side_of(case), side_of(goes_on), of_one_case=parts)

    @invariant()
    def a_track_has_one_live_assignment_and_its_desk_agrees(self) -> None:
        owners: dict[str, list[tuple[str, int]]] = {}
        for seat in self.town.bus.seats[1:]:
            for record in seat.machine.partition.tracks.values():  # type: ignore[attr-defined]
                if record.owner is not None and record.state in OPEN:
                    place = (record.owner, record.dispatch.epoch)
                    owners.setdefault(record.dispatch.track_id, []).append(place)
        assert all(len(held) == 1 for held in owners.values())
        for case in self.town.cases():
            for track in case.tracks:
                held = owners.get(track.track_id, [])
                live = track.responder_id if track.state in OPEN and track.state is not TrackState.OFFERED else None
                assert [who for who, _ in held] == ([live] if live else [])
                assert all(epoch == track.desk_epoch for _, epoch in held)


CaseLives.TestCase.settings = settings(
    max_examples=80, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCaseLives = CaseLives.TestCase
