"""How a case changes: every fact raises the version by one and is told on `case.events`; the snapshot follows in the same transaction."""

from datetime import datetime

from schemas import topics
from schemas.base import Actor
from schemas.campaigns import Campaign, CampaignCounted
from schemas.case_commands import CampaignTell
from schemas.case_events import CASE_EVENTS
from schemas.case_facts import CaseFact, case_type
from schemas.cases import CaseRecord, Track
from schemas.commands import Command, command_type
from schemas.envelope import Event
from schemas.words import Role
from services.router.state import Partition
from services.rules import ids
from services.rules.step import Step

SOURCE = "urn:sameroof:router"
ROUTER = Actor(role=Role.SERVICE, id="router")


class Timeline:
    """One case being changed at one instant. `cause` is the id of the event behind the change."""

    def __init__(self, case: CaseRecord, step: Step, *, now: datetime, cause: str | None) -> None:
        self.case = case
        self.step = step
        self.now = now
        self.cause = cause

    def set(self, **fields: object) -> None:
        """Change fields of the case."""
        self.case = self.case.model_copy(update=fields)

    def put_track(self, track: Track) -> None:
        """Replace one track of the case."""
        self.set(tracks=tuple(track if one.track_id == track.track_id else one for one in self.case.tracks))

    def track(self, track_id: str) -> Track | None:
        """One track of the case."""
        return next((one for one in self.case.tracks if one.track_id == track_id), None)

    def tell(self, fact: str, actor: Actor = ROUTER, **fields: object) -> None:
        """Publish a fact about the case, as its next version."""
        about = self._next_version(actor)
        self._publish(fact, CASE_EVENTS[case_type(fact)].model_validate(about | fields))

    def tell_trusted(self, fact: str, actor: Actor = ROUTER, **fields: object) -> None:
        """The same of fields that are right already and not validated again: for what every report brings."""
        about = self._next_version(actor)
        self._publish(fact, CASE_EVENTS[case_type(fact)].trusted(**about, **fields))

    def _next_version(self, actor: Actor) -> dict[str, object]:
        self.set(version=self.case.version + 1, changed_at=self.now)
        case = self.case
        return {
            "case_id": case.case_id,
            "household_id": case.household_id,
            "version": case.version,
            "at": self.now,
            "actor": actor,
        }

    def _publish(self, fact: str, data: CaseFact) -> None:
        case = self.case
        event = Event(
            id=ids.derived("case-event", case.case_id, case.version),
            type=case_type(fact),
            source=SOURCE,
            time=self.now,
            data=data,
            partitionkey=case.household_id,
            correlationid=case.case_id,
            causationid=self.cause,
        )
        self.step.send(topics.CASE_EVENT_LOG, case.case_id, event)

    def save(self, partition: Partition) -> None:
        """Write the snapshot and keep it; its campaign is told when what it counts is new."""
        before = partition.cases.get(self.case.case_id)
        if self.case.campaign is not None and (
            before is None or before.campaign is None or _counted(before) != _counted(self.case)
        ):
            self._tell_campaign(self.case.campaign)
        partition.put_case(self.case)
        self.step.save(topics.CASES, self.case.case_id, self.case)

    def _tell_campaign(self, campaign: Campaign) -> None:
        case = self.case
        told = CampaignTell(
            command_id=ids.derived("campaign-tell", case.case_id, case.version),
            actor=ROUTER,
            received_at=self.now,
            answer=False,
            campaign_id=campaign.campaign_id,
            sponsor_id=campaign.sponsor_id,
            case_id=case.case_id,
            case_version=case.version,
            counted=_counted(case),
            at=self.now,
        )
        ask_owner("campaign_tell", told, campaign.campaign_id, step=self.step, cause=self.cause)


def ask_owner(verb: str, command: Command, key: str, *, step: Step, cause: str | None) -> None:
    """Send a command to the machine that owns another key: keys never cross partitions (DESIGN section 3)."""
    event = Event(
        id=command.command_id,
        type=command_type(verb),
        source=SOURCE,
        time=command.received_at,
        data=command,
        partitionkey=key,
        causationid=cause,
    )
    step.send(topics.COMMANDS, key, event)


def _counted(case: CaseRecord) -> CampaignCounted:
    return CampaignCounted(code=case.code, band=case.band, state=case.state)
