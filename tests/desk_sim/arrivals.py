"""Who comes when, needing what, for how long; and how whoever is asked reacts. A band's stream is drawn on its own."""

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from schemas.words import Band, Signal
from tests.desk_sim.plan import ANSWER_SECONDS, BEGIN, DECLINES, HANDLING_MINUTES, HOURLY, SILENT, Plan

Drawn = TypeVar("Drawn")
S = Signal
LANGUAGES = {"fr": 72, "en": 12, "nl": 9, "de": 5, None: 2}
CODES = {
    Band.P0: {
        "bank_fraud": 22,
        "phone_number_usurpation": 24,
        "threat": 15,
        "ransomware": 10,
        "doxxing": 20,
        "sextortion": 9,
    },
    Band.P1: {
        "malware": 20,
        "bank_fraud": 20,
        "account_takeover": 20,
        "doxxing": 20,
        "intimate_image_abuse": 10,
        "data_breach": 10,
    },
    Band.P2: {
        "fake_profile": 25,
        "malware": 20,
        "account_takeover": 20,
        "identity_theft": 15,
        "malicious_calls": 15,
        "deepfake": 5,
    },
    Band.P3: {"phishing": 45, "unclassified_suspicion": 25, "malicious_calls": 15, "online_scam": 15},
}
SIGNALS: dict[Band, dict[tuple[Signal, ...], int]] = {
    Band.P0: {(S.MONEY_LEAVING,): 45, (S.PHYSICAL_DANGER,): 20, (S.MINOR,): 15, (S.SELF_HARM,): 10, (): 10},
    Band.P1: {(): 70, (S.ADDRESS_EXPOSED,): 14, (S.MINOR,): 10, (S.SAME_ROOF_OFFENDER,): 6},
    Band.P2: {(): 92, (S.MINOR,): 5, (S.SAME_ROOF_OFFENDER,): 3},
    Band.P3: {(): 1},
}


@dataclass(frozen=True, slots=True)
class Track:
    """Something for the desk to do, received at an instant; `work` is how long it keeps whoever has it."""

    track_id: str
    band: Band
    at: datetime
    code: str
    signals: tuple[Signal, ...]
    language: str | None
    work: timedelta


def arrivals(plan: Plan) -> Iterator[Track]:
    """All who come, in the order in which they do."""
    return heapq.merge(*(_stream(plan, band) for band in Band), key=lambda track: (track.at, track.track_id))


def _stream(plan: Plan, band: Band) -> Iterator[Track]:
    load = plan.times if band in (Band.P2, Band.P3) else 1
    dice = random.Random(f"{plan.same_week}/{band}/{load}")
    most, at = max(HOURLY.values()), BEGIN
    for number in count(1):
        at += timedelta(hours=dice.expovariate(plan.rate(band) * most))
        while dice.random() * most > _hourly(at):
            at += timedelta(hours=dice.expovariate(plan.rate(band) * most))
        if at >= plan.until:
            return
        minutes = dice.lognormvariate(math.log(HANDLING_MINUTES[band][0]), HANDLING_MINUTES[band][1])
        yield Track(
            track_id=f"{band}-{number}",
            band=band,
            at=at,
            code=_one(CODES[band], dice),
            signals=_one(SIGNALS[band], dice),
            language=_one(LANGUAGES, dice),
            work=timedelta(minutes=minutes),
        )


def _hourly(at: datetime) -> float:
    return next((HOURLY[hour] for hour in sorted(HOURLY, reverse=True) if at.hour >= hour), HOURLY[max(HOURLY)])


def _one(weights: dict[Drawn, int], dice: random.Random) -> Drawn:
    return dice.choices(tuple(weights), tuple(weights.values()))[0]


def reaction(plan: Plan, track: Track, offer: int) -> tuple[timedelta, bool] | None:
    """After how long whoever is asked by the n-th offer of a track answers, and whether they accept; `None`: they never do.
    It depends on nothing else: the order of events and who is asked change nothing."""
    dice = random.Random(f"{plan.same_week}/{track.track_id}/{offer}")
    how, (median, sigma) = dice.random(), ANSWER_SECONDS[track.band]
    after = timedelta(seconds=dice.lognormvariate(math.log(median), sigma))
    return None if how < SILENT else (after, how >= SILENT + DECLINES)
