"""How a command ended, told once and remembered 7 days, so that a retry that reaches any replica gets the same answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas import outcomes, topics
from schemas.commands import Command
from schemas.envelope import Event
from schemas.router_records import Answer, AnsweredRecord
from schemas.topics import Topic
from schemas.words import Refusal
from services.rules.step import Step

ANSWERED_FOR = timedelta(days=7)


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
    records: dict[str, AnsweredRecord] = field(default_factory=dict)

    def restore(self, subject: str, record: bytes) -> None:
        """Replay one record."""
        self.records[subject] = AnsweredRecord.model_validate_json(record)

    def find(self, subject: str, command_id: str) -> Verdict | None:
        """How an earlier arrival of this command ended."""
        record = self.records.get(subject)
        for one in record.answers if record else ():
            if one.command_id == command_id:
                return Verdict(one.subject, one.version, Refusal(one.refused) if one.refused else None)
        return None

    def remember(self, subject: str, command_id: str, verdict: Verdict, step: Step, now: datetime) -> None:  # noqa: PLR0917
        """Keep how a command ended, dropping answers older than 7 days."""
        before = self.records[subject].answers if subject in self.records else ()
        kept = tuple(one for one in before if one.at > now - ANSWERED_FOR)
        answer = Answer(
            command_id=command_id,
            at=now,
            subject=verdict.subject,
            version=verdict.version,
            refused=verdict.refused,
        )
        self.records[subject] = AnsweredRecord(answers=(*kept, answer))
        step.save(self.changelog, f"answered/{subject}", self.records[subject])


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
    before = answers.find(subject, command.command_id)
    verdict = before or carry_out()
    if before is None:
        answers.remember(subject, command.command_id, verdict, outcomes_to.step, outcomes_to.now)
    if command.answer:
        outcomes_to.tell(command.command_id, verdict, repeated=before is not None)
