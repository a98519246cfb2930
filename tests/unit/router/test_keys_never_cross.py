"""Each key has one owner: a case learns of another household, and a campaign of its cases, by commands alone (DESIGN section 3)."""

from collections import deque
from datetime import UTC, datetime

from schemas import case_commands, commands, topics
from schemas.base import Actor
from schemas.campaigns import Campaign
from schemas.commands import Command, HouseholdPut, command_type
from schemas.envelope import Event, encode
from schemas.households import Holding, HouseholdBody, Member, MemberPersonal
from schemas.reports import ReportBody, ReportSubmitted
from schemas.topics import Topic
from schemas.words import Band, CaseState, Channel, Role
from services.router.machine import ALLOWED, RouterMachine
from services.rules.machine import Message
from tests.shipped import CATALOGUE

NOW = datetime(2026, 3, 20, 21, 40, tzinfo=UTC)
AGENT = Actor(role=Role.AGENT, id="agent-1")


class Partitions:
    """One router per key, as far apart as can be: what one sends reaches the owner of its key and nobody else."""

    def __init__(self) -> None:
        self.routers: dict[str, RouterMachine] = {}

    def publish(self, topic: Topic, event: Event) -> None:
        """One record, and everything that follows."""
        waiting = deque([(topic, event)])
        while waiting:
            lane, one = waiting.popleft()
            router = self.routers.setdefault(one.partitionkey, RouterMachine(CATALOGUE))
            value, headers = encode(one)
            effects = router.handle(Message(lane.name, 0, 0, one.partitionkey.encode(), value, headers, NOW), NOW)
            for send in effects.sends:
                if isinstance(send.body, Event) and send.topic.name in ALLOWED:
                    waiting.append((send.topic, send.body))

    def reports(self, household: str, *, campaign: Campaign | None = None, provisional: bool = False) -> None:
        """A report of a household."""
        report = ReportSubmitted(
            report_id=f"report-{household}",
            source="urn:sameroof:intake",
            body_digest="0" * 32,
            household_id=household,
            provisional=provisional,
            channel=Channel.AGENT,
            actor=AGENT,
            received_at=NOW,
            campaign=campaign,
            body=ReportBody(code="data_breach"),
        )
        type_ = topics.REPORTS[0]
        self.publish(topics.INCIDENTS, Event(f"e-{household}", type_, "urn:sameroof:intake", NOW, report, household))

    def asks(self, verb: str, command: Command, key: str) -> None:
        """A command under a key."""
        event = Event(command.command_id, command_type(verb), "urn:sameroof:intake", NOW, command, key)
        self.publish(topics.COMMANDS, event)


def told(number: int) -> dict[str, object]:
    return {"command_id": f"command-{number}", "actor": AGENT, "received_at": NOW}


def test_a_placed_case_is_covered_by_what_another_partition_knows() -> None:
    town = Partitions()
    members = (Member(member_id="m1", relation="subscriber", personal=MemberPersonal(name="Example Member")),)
    holdings = (Holding(programme="allianz_cyber_protect", valid_from="2020-01-01"),)
    body = HouseholdBody(country="FR", members=members, holdings=holdings)
    town.asks("household_put", HouseholdPut.model_validate({**told(1), "household_id": "real", "body": body}), "real")
    town.reports("provisional", provisional=True)
    (case,) = town.routers["provisional"].partition.cases.values()
    named = {"household_id": "provisional", "case_id": case.case_id, "real_household_id": "real"}
    town.asks("place", case_commands.CasePlace.model_validate({**told(2), **named}), "provisional")
    (placed,) = town.routers["provisional"].partition.cases.values()
    assert (placed.household_id, placed.member) == ("provisional", True)
    assert "Example Member" not in placed.model_dump_json()
    assert town.routers["real"].partition.cases == {}


def test_campaign_counts_under_its_own_key_what_happens_in_every_other() -> None:
    town = Partitions()
    for number in range(9):
        town.reports(f"h{number}", campaign=Campaign(campaign_id="campaign"))
    (case,) = town.routers["h3"].partition.cases.values()
    named = {"household_id": "h3", "case_id": case.case_id, "reason": "heard"}
    town.asks("raise", commands.CaseRaise.model_validate({**told(1), **named, "band": Band.P0}), "h3")
    town.asks("close", case_commands.CaseClose.model_validate({**told(2), **named}), "h3")
    campaigns = town.routers["campaign"].partition.campaigns
    counts = campaigns.records["campaign"].counts
    assert (counts.cases, counts.by_band) == (9, {"P0": 1, "P1": 8})
    assert counts.by_state[CaseState.CLOSED] == 1
    assert [len(town.routers[f"h{number}"].partition.campaigns.records) for number in range(9)] == [0] * 9


def test_a_case_of_a_household_that_another_partition_owns_is_refused() -> None:
    town = Partitions()
    for household in ("one", "other"):
        town.reports(household)
    (case,) = town.routers["one"].partition.cases.values()
    (other,) = town.routers["other"].partition.cases.values()
    named = {"household_id": "one", "case_id": case.case_id, "reason": "same"}
    into = {"into_case_id": other.case_id, "into_household_id": "other"}
    town.asks("merge", case_commands.CaseMerge.model_validate({**told(1), **named, **into}), "one")
    assert [router.partition.books.merged for router in town.routers.values()] == [0, 0]
