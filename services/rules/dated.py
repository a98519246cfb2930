"""How long ago, how long still? R5 (the attacker's deadline) and R6 (money that left) of DOMAIN section 3."""

from collections.abc import Collection, Iterator
from datetime import datetime

from schemas.catalogue.raised import Kind, Within
from schemas.words import Band, Signal
from services.rules.answers import UNREAD, Answers
from services.rules.reasons import Reason

DEADLINE, HAPPENED, LOST = "deadline_at", "happened_at", ("money_lost", "paid")
PAID_AT = ("paid_at", "executed_at")
MONEY = frozenset({Kind.FRAUD, Kind.BLACKMAIL})


def nearness(deadline: datetime, *, at: datetime, within: Within) -> Band | None:
    """The band that an attacker's deadline demands at `at` (R5); `None` while it is far. One that passed is as near as one can be."""
    left = deadline - at
    return Band.P0 if left <= within.p0 else Band.P1 if left <= within.p1 else None


def nears_at(deadline: datetime, band: Band, within: Within) -> datetime | None:
    """When `nearness` first demands more than `band`; `None` when it never does."""
    if band is Band.P0:
        return None
    return deadline - (within.p0 if band is Band.P1 else within.p1)


def of_deadline(signals: Collection[Signal], answers: Answers, *, at: datetime, within: Within) -> Iterator[Reason]:
    """R5; an ultimatum without a readable time is treated upward."""
    if Signal.ATTACKER_DEADLINE not in signals:
        return
    inputs = (Signal.ATTACKER_DEADLINE, DEADLINE)
    deadline = answers.get(DEADLINE)
    if not isinstance(deadline, datetime):
        yield Reason("R5.unread", Band.P0, inputs)
    elif band := nearness(deadline, at=at, within=within):
        yield Reason(f"R5.{band}", band, inputs)


def of_payments(kinds: Collection[Kind], answers: Answers, *, at: datetime, within: Within) -> Iterator[Reason]:
    """R6 for frauds and paid blackmail, by the latest payment known; one still to come is money leaving.

    Money lost at a time nobody told left after the harm began, and is treated as less than ten days ago.
    """
    if MONEY.isdisjoint(kinds):
        return
    paid = [(name, answers[name]) for name in PAID_AT if name in answers]
    lost = tuple(name for name in LOST if answers.get(name) in (True, UNREAD))
    if not paid and lost:
        yield Reason("R6.undated", Band.P1, lost)
        paid = [(HAPPENED, answers[HAPPENED])] if HAPPENED in answers else []
    for name, instant in paid:
        if not isinstance(instant, datetime):
            yield Reason("R6.unread", Band.P0, (name, *lost))
            continue
        if at - instant < within.p0:
            yield Reason("R6.P0", Band.P0, (name, *lost))
        if at - instant < within.p1:  # holds too: who overrules the one overrules what it becomes with time
            yield Reason("R6.P1", Band.P1, (name, *lost))
