"""Who works at the desk, able to do what, and when: three shifts a day, fewest at night, everybody through all of them in eight days."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.rosters import ContactMethod, RosterEntry, Training
from schemas.words import Clearance, Fluency
from tests.desk_sim.plan import BEGIN, DESK, Plan

CYCLE = (7, 7, 15, 15, 23, None, None, None)  # the hour at which somebody's shift begins, day after day
SHIFT = timedelta(hours=8)
WRAP_UP = timedelta(minutes=15)
UNPUNCTUAL_MINUTES = 10
SKILLS = (  # every shift has some of each row, a night perhaps only of the first six: skills are scarce, and planned for
    ("tech_forensics", "tech_org_response", "tech_account"),
    ("tech_takedown", "tech_account", "tech_telecom"),
    ("tech_forensics", "tech_telecom"),
    ("tech_takedown", "tech_account", "tech_forensics"),
    ("tech_forensics", "tech_org_response", "tech_telecom"),
    ("tech_takedown", "tech_forensics", "tech_account"),
    ("tech_takedown", "tech_account", "tech_telecom"),
    ("tech_takedown", "tech_forensics"),
    ("tech_takedown", "tech_forensics", "tech_account", "tech_telecom", "tech_org_response"),
)
LEVELS = {1: 8, 2: 17, 3: 45, 4: 20, 5: 10}
SPEAKS = {"fr": 95, "en": 70, "nl": 45, "de": 30}
FLUENCY = {Fluency.NATIVE: 40, Fluency.CERTIFIED: 35, Fluency.WORKING: 25}
CLEARED = {Clearance.MINORS: 3, Clearance.RESTRICTED: 2}  # of five on a shift
CAPACITY = {2: 20, 3: 60, 4: 20}


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody is there from `start`, takes nothing ordinary any more from `wraps_up` on, and goes at `end`."""

    who: str
    start: datetime
    wraps_up: datetime
    end: datetime
    night: bool


def roster(plan: Plan) -> tuple[RosterEntry, ...]:
    """The people, the same in every week of a seed."""
    dice = random.Random(f"{plan.seed}/people")
    return tuple(_somebody(number, dice) for number in range(plan.people))


def _somebody(number: int, dice: random.Random) -> RosterEntry:
    row, shift = divmod(number, len(CYCLE))
    skills = SKILLS[row % len(SKILLS)]
    languages = [language for language, percent in SPEAKS.items() if dice.random() * 100 < percent] or ["fr"]
    return RosterEntry(
        responder_id=_name(number),
        desk_id=DESK,
        skills=skills,
        training={skill: Training(level=_one_of(LEVELS, dice)) for skill in skills},
        languages=tuple(languages),
        fluency={language: dice.choices(tuple(FLUENCY), tuple(FLUENCY.values()))[0] for language in languages},
        clearances=tuple(one for one, of_five in CLEARED.items() if (row + shift) % 5 < of_five),
        capacity=_one_of(CAPACITY, dice),
        methods=(ContactMethod(kind="log"),),
    )


def _name(number: int) -> str:
    return f"person-{number:03}"


def _one_of(weights: dict[int, int], dice: random.Random) -> int:
    return dice.choices(tuple(weights), tuple(weights.values()))[0]


def duties(plan: Plan) -> Iterator[Duty]:
    """Every shift of everybody, from the night before the first day on; nobody is quite punctual."""
    dice = random.Random(f"{plan.same_week}/duties")
    days = (plan.until - BEGIN).days + 2
    for number in range(plan.people):
        for day in range(-1, days):
            hour = CYCLE[(number + day) % len(CYCLE)]
            early, late = dice.random() * UNPUNCTUAL_MINUTES, dice.random() * UNPUNCTUAL_MINUTES
            if hour is None:
                continue
            begins = BEGIN + timedelta(days=day, hours=hour)
            ends = begins + SHIFT
            start, end = begins - timedelta(minutes=early), ends + timedelta(minutes=late)
            yield Duty(_name(number), start, ends - WRAP_UP, end, night=hour == 23)
