"""How a command ended, told once and remembered 7 days, so that a retry that reaches any replica gets the same answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas import outcomes, topics
from schemas.case_commands import CampaignTell, CaseLookedUp, HouseholdAsk, HouseholdTell
from schemas.commands import Command, Receipt
from schemas.envelope import Event
from schemas.rota_commands import Beat
from schemas.router_records import Answer, AnsweredRecord
from schemas.topics import Topic
from schemas.words import Band, Refusal
from services.rules.deadlines import Deadline, Deadlines
from services.rules.ids import short_hash
from services.rules.step import Step

ANSWERED_FOR = timedelta(days=7)
MOST_REMEMBERED = 256  # of one subject: a flood of commands on one household must not outgrow its record
FORGET_ANSWERS = "forget_answers"
UNREMEMBERED = (Receipt, Beat, CaseLookedUp, HouseholdAsk, HouseholdTell, CampaignTell)
WHO_AND_WHEN = frozenset({"received_at", "actor", "answer", "expected_version"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a command ended: on what, at which version, and the refusal if it was one."""

    subject: str
    version: int
    refused: Refusal | None = None


@dataclass(slots=True)
class Answers:
    """The commands a machine has answered, by the subject they were about; kept in `changelog` under `answered/<subject>`."""

    changelog: Topic
    deadlines: Deadlines
    records: dict[str, AnsweredRecord] = field(default_factory=dict)

    def restore(self, subject: str, record: bytes | None) -> None:
        """Replay one record."""
        if record is None:
            self.records.pop(subject, None)
        else:
            self._put(subject, AnsweredRecord.model_validate_json(record))

    def find(self, subject: str, command: Command) -> Verdict | None:
        """How an earlier arrival of this command ended; a conflict when that one asked for something else."""
        record = self.records.get(subject)
        for one in record.answers if record else ():
            if one.command_id == command.command_id:
                same = one.body is None or one.body == body_digest(command)
                refused = Refusal(one.refused) if one.refused else None
                return Verdict(one.subject, one.version, refused if same else Refusal.ID_CONFLICT)
        return None

    def remember(self, subject: str, command: Command, verdict: Verdict, step: Step, now: datetime) -> None:  # noqa: PLR0917
        """Keep how a command ended, dropping answers older than 7 days and all but the latest of very many."""
        before = self.records[subject].answers if subject in self.records else ()
        kept = tuple(one for one in before if one.at > now - ANSWERED_FOR)
        answer = Answer(
            command_id=command.command_id,
            at=now,
            subject=verdict.subject,
            version=verdict.version,
            refused=verdict.refused,
            body=body_digest(command),
        )
        self._put(subject, AnsweredRecord(answers=(*kept, answer)[-MOST_REMEMBERED:]))
        step.save(self.changelog, f"answered/{subject}", self.records[subject])

    def forget(self, subject: str, step: Step, now: datetime) -> None:
        """Drop a subject's answers older than 7 days, and its record with the last of them."""
        before = self.records.pop(subject, None)
        kept = tuple(one for one in before.answers if one.at > now - ANSWERED_FOR) if before else ()
        if before is not None and kept:
            self._put(subject, before.model_copy(update={"answers": kept}))
        if before is not None and kept != before.answers:
            step.save(self.changelog, f"answered/{subject}", self.records.get(subject))

    def _put(self, subject: str, record: AnsweredRecord) -> None:
        if subject not in self.records and record.answers:
            over = record.answers[0].at + ANSWERED_FOR
            due = over.replace(second=0, microsecond=0) + timedelta(
                minutes=1
            )  # together: each firing reads inputs first
            self.deadlines.add(Deadline(due, len(Band), FORGET_ANSWERS, subject, 0))
        self.records[subject] = record


def body_digest(command: Command) -> str:
    """What a command asks for, as 32 hex digits: the same for a retry, whoever sends it and when."""
    return short_hash(command.model_dump_json(exclude=set(WHO_AND_WHEN), exclude_defaults=True))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Tells whoever waits how a command ended. `source` is the machine's CloudEvents source."""

    source: str
    step: Step
    now: datetime
    cause: str | None

    def tell(self, command_id: str, verdict: Verdict, *, repeated: bool) -> None:
        """Publish the one outcome of this arrival of a command."""
        fields = {"command_id": command_id, "subject": verdict.subject, "version": verdict.version}
        data: outcomes.OutcomeDone | outcomes.OutcomeRefused
        if verdict.refused is None:
            type_, data = outcomes.DONE, outcomes.OutcomeDone.model_validate({**fields, "repeated": repeated})
        else:
            refused = {**fields, "reason": verdict.refused}
            type_, data = outcomes.REFUSED, outcomes.OutcomeRefused.model_validate(refused)
        event = Event(command_id, type_, self.source, self.now, data, partitionkey=command_id, causationid=self.cause)
        self.step.send(topics.OUTCOMES_TOPIC, command_id, event)


def answer_once(
    command: Command, subject: str, *, answers: Answers, outcomes_to: Outcomes, carry_out: Callable[[], Verdict]
) -> None:
    """Carry out a command, or give the answer it got the first time."""
    if isinstance(command, UNREMEMBERED):
        verdict = (
            carry_out()
        )  # changes nothing of weight the second time; remembering it would push out what a human may send again
        if command.answer:
            outcomes_to.tell(command.command_id, verdict, repeated=False)
        return
    before = answers.find(subject, command)
    verdict = before or carry_out()
    if before is None:
        answers.remember(subject, command, verdict, outcomes_to.step, outcomes_to.now)
    if command.answer:
        outcomes_to.tell(command.command_id, verdict, repeated=before is not None)
