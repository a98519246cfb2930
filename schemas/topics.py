"""Every topic as one typed value (DESIGN section 3): a topic that is not here does not exist, and a test refuses incomplete ones."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache

from schemas.words import Pillar

LOG_RETENTION = timedelta(days=14)
DEAD_RETENTION = timedelta(days=90)
TOMBSTONE_RETENTION = timedelta(days=7)
PARTNER_ID = re.compile(r"[a-z][a-z0-9-]{1,30}")
SERVICES = ("intake", "router", "responders", "pager", "auditor")


class Sizing(StrEnum):
    """Which partition count a topic shares: topics of one sizing are co-partitioned."""

    HOUSEHOLD = "household"
    DESK = "desk"
    PLAIN = "plain"


class Cleanup(StrEnum):
    """The broker's `cleanup.policy`."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its name, keys, size, life, who writes and reads it, and what travels on it.

    `carries` holds full CloudEvents types, or the names of state records; `retention` None means until erasure.
    `dead_letter` is the topic that takes a record its consumer cannot use.
    """

    name: str
    record_key: str
    partition_by: str
    sizing: Sizing
    cleanup: Cleanup
    retention: timedelta | None
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    carries: tuple[str, ...]
    dead_letter: str | None = None
    personal: bool = False


def _types(family: str, *facts: str) -> tuple[str, ...]:
    return tuple(f"eu.sameroof.{family}.v1.{fact}" for fact in facts)


REPORTS = _types("report", "submitted")
CASE_EVENTS = _types(
    "case",
    "opened", "report_repeated", "report_attached", "updated", "signal_closed", "linked", "walled", "merged", "absorbed",
    "split", "placed", "coverage_decided", "looked_up", "acceptance_superseded", "track_dispatched", "track_moved",
    "clocks_changed", "clock_warned", "clock_met", "clock_breached", "clock_corrected", "clock_late",
    "page_raised", "page_climbed", "page_acknowledged", "page_withdrawn", "noted", "state_changed",
)  # fmt: skip
CASE_COMMANDS = _types("command", "household_put", "raise", "note", "page", "acknowledge", "receipt") + _types(
    "command", "update", "lower", "close", "reopen", "merge", "split", "link", "reroute", "place", "looked_up"
) + _types("command", "household_ask", "household_tell", "campaign_tell")  # fmt: skip
DESK_COMMANDS = _types(
    "command",
    "responder_put", "presence", "accept", "decline", "contacted", "wait", "resume", "done", "handover", "conflict",
    "assign", "desk_pause", "responder_drain", "receipt", "seen", "verify_method", "method_verified", "drill",
) + _types("command", "rota_put", "rota_override", "rota_leave", "rota_swap", "beat", "page_acknowledge") + _types(
    "command", "workshop_plan", "workshop_invite", "workshop_remove", "workshop_held", "workshop_cancel"
)  # fmt: skip
CATALOGUE_CHOOSE = _types("command", "catalogue_choose")
CATALOGUE_SWITCH = _types("command", "catalogue_switch")
PROGRESS = _types(
    "progress", "offered", "declined", "accepted", "contacted", "waiting", "resumed", "done", "set_aside", "taken_up", "covered",
    "released", "exhausted",
)  # fmt: skip
DISPATCH = _types("dispatch", "taken", "withdrawn")
NOTICES = _types("notice", "issued")
OUTCOMES = _types("outcome", "done", "refused")
ROUTER_RECORDS = (
    "SeenRecord", "AnsweredRecord", "PagedRecord", "PageGroupRecord", "PageWindowRecord",
    "CampaignRecord", "CampaignMemberRecord", "BooksRecord",
    "ActiveReleaseRecord", "ReleaseChoiceRecord", "PositionsRecord",
)  # fmt: skip
DESK_RECORDS = (
    "DeskTrackRecord", "ResponderRecord", "AnsweredRecord", "DeskStateRecord", "DeskBooksRecord", "ActiveReleaseRecord", "PositionsRecord",
    "RotaRecord", "RotaLookRecord", "GapRecord", "DrillRecord", "DrillRowRecord", "WorkshopRecord",
)  # fmt: skip
DEAD = ("dead_letter",)

INCIDENTS_P0 = Topic(
    "incidents.p0", "household_id", "household_id", Sizing.HOUSEHOLD, Cleanup.DELETE, LOG_RETENTION,
    ("intake",), ("router", "auditor"), REPORTS, "router.dead", personal=True,
)  # fmt: skip
INCIDENTS = Topic(
    "incidents", "household_id", "household_id", Sizing.HOUSEHOLD, Cleanup.DELETE, LOG_RETENTION,
    ("intake",), ("router", "auditor"), REPORTS, "router.dead", personal=True,
)  # fmt: skip
COMMANDS = Topic(
    "commands", "household_id", "household_id", Sizing.HOUSEHOLD, Cleanup.DELETE, LOG_RETENTION,
    ("intake", "router", "responders", "pager"), ("router",),
    CASE_COMMANDS + CATALOGUE_CHOOSE + CATALOGUE_SWITCH, "router.dead", personal=True,
)  # fmt: skip
PROGRESS_TOPIC = Topic(
    "progress", "household_id", "household_id", Sizing.HOUSEHOLD, Cleanup.DELETE, LOG_RETENTION,
    ("responders",), ("router",), PROGRESS, "router.dead",
)  # fmt: skip
HOUSEHOLDS = Topic(
    "households", "household_id", "household_id", Sizing.HOUSEHOLD, Cleanup.COMPACT, None,
    ("router",), ("intake",), ("HouseholdRecord",), personal=True,
)  # fmt: skip
CASES = Topic(
    "cases", "case_id", "household_id", Sizing.HOUSEHOLD, Cleanup.COMPACT, None,
    ("router",), ("intake", "auditor"), ("CaseRecord",), personal=True,
)  # fmt: skip
CASE_EVENT_LOG = Topic(
    "case.events", "case_id", "household_id", Sizing.HOUSEHOLD, Cleanup.DELETE, None,
    ("router",), ("intake", "auditor"), CASE_EVENTS, personal=True,
)  # fmt: skip
ROUTER_STATE = Topic(
    "router.state", "record_id", "household_id", Sizing.HOUSEHOLD, Cleanup.COMPACT, None,
    ("router",), ("router", "intake", "auditor"), ROUTER_RECORDS,
)  # fmt: skip
NOTICES_TOPIC = Topic(
    "notices", "recipient", "recipient", Sizing.PLAIN, Cleanup.DELETE, DEAD_RETENTION,
    ("router", "responders", "intake"), ("pager", "intake"), NOTICES, "pager.dead",
)  # fmt: skip
OUTCOMES_TOPIC = Topic(
    "outcomes", "command_id", "command_id", Sizing.PLAIN, Cleanup.DELETE, timedelta(days=7),
    ("router", "responders"), ("intake",), OUTCOMES,
)  # fmt: skip


@cache
def dispatch(pillar: Pillar, *, urgent: bool) -> Topic:
    """The lane on which the router hands tracks to the desks of `pillar`; `urgent` is the P0 lane."""
    return Topic(
        f"dispatch.{pillar}.p0" if urgent else f"dispatch.{pillar}", "track_id", "desk_id", Sizing.DESK, Cleanup.DELETE,
        LOG_RETENTION, ("router",), ("responders",), DISPATCH, "responders.dead",
    )  # fmt: skip


@cache
def desk_commands(pillar: Pillar) -> Topic:
    """What responders and supervisors ask of the desks of `pillar`."""
    return Topic(
        f"commands.{pillar}", "track_id or responder_id", "desk_id", Sizing.DESK, Cleanup.DELETE, LOG_RETENTION,
        ("intake", "pager", "router"), ("responders",), DESK_COMMANDS + CATALOGUE_SWITCH, "responders.dead", personal=True,
    )  # fmt: skip


@cache
def desks(pillar: Pillar) -> Topic:
    """The changelog of the desks of `pillar`: queue, offers, roster, positions."""
    return Topic(
        f"desks.{pillar}", "record_id", "desk_id", Sizing.DESK, Cleanup.COMPACT, None,
        ("responders",), ("responders", "intake", "pager"),
        DESK_RECORDS, personal=True,
    )  # fmt: skip


def dead(service: str) -> Topic:
    """Where `service` puts what it cannot use: original bytes and headers, and why."""
    return Topic(
        f"{service}.dead", "original key", "original key", Sizing.PLAIN, Cleanup.DELETE, DEAD_RETENTION,
        (service,), ("intake",), DEAD, personal=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartnerTopics:
    """The doors of one partner; the topic a record arrived on is its sender's identity."""

    partner_id: str
    incidents: Topic
    incidents_p0: Topic
    households: Topic
    cases: Topic

    def __iter__(self) -> Iterator[Topic]:
        return iter((self.incidents, self.incidents_p0, self.households, self.cases))


def partner(partner_id: str) -> PartnerTopics:
    """The four topics of a partner. Raises `ValueError` for an id that could collide with our own names."""
    if not PARTNER_ID.fullmatch(partner_id) or partner_id in SERVICES:
        raise ValueError("a partner id is 2 to 31 of a-z, 0-9, hyphen, starts with a letter and is no service name")

    def door(suffix: str, *, inwards: bool, carries: tuple[str, ...]) -> Topic:
        return Topic(
            f"partner.{partner_id}.{suffix}", "partner's own", "partner's own", Sizing.PLAIN, Cleanup.DELETE, LOG_RETENTION,
            (f"partner {partner_id}",) if inwards else ("intake",), ("intake",) if inwards else (f"partner {partner_id}",),
            carries, "intake.dead" if inwards else None, personal=True,
        )  # fmt: skip

    return PartnerTopics(
        partner_id,
        door("incidents", inwards=True, carries=REPORTS),
        door("incidents.p0", inwards=True, carries=REPORTS),
        door("households", inwards=True, carries=_types("household", "snapshot")),
        door("cases", inwards=False, carries=_types("partner_case", "updated") + _types("rejection", "raised")),
    )


def used_by(service: str, partner_ids: Iterable[str] = ()) -> tuple[Topic, ...]:
    """What `service` writes or reads; of responders, the topics of all pillars."""
    return tuple(topic for topic in every_topic(partner_ids) if service in (*topic.producers, *topic.consumers))


def every_topic(partner_ids: Iterable[str] = ()) -> tuple[Topic, ...]:
    """All topics of an installation with these partners, each once."""
    fixed = (
        INCIDENTS_P0, INCIDENTS, COMMANDS, PROGRESS_TOPIC, HOUSEHOLDS, CASES, CASE_EVENT_LOG, ROUTER_STATE, NOTICES_TOPIC, OUTCOMES_TOPIC,
    )  # fmt: skip
    desk_side = tuple(
        topic
        for pillar in Pillar
        for topic in (
            dispatch(pillar, urgent=True),
            dispatch(pillar, urgent=False),
            desk_commands(pillar),
            desks(pillar),
        )
    )
    dead_letters = tuple(dead(service) for service in ("intake", "router", "responders", "pager"))
    doors = tuple(topic for partner_id in partner_ids for topic in partner(partner_id))
    return fixed + desk_side + dead_letters + doors
