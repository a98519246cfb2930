"""Everybody is reached by the method asked for, or the sink is: there is no third way."""

from datetime import UTC, datetime

import pytest

from schemas import desk_records
from schemas.notices import NoticeIssued
from schemas.rosters import ContactMethod, ReachRule, RosterEntry, RosterPersonal
from schemas.words import Band, NoticeKind, Pillar, Presence
from services.pager.recipients import Directory
from services.pager.rosters import Rosters
from services.runtime.delivery import LOG, WEBHOOK, Method
from tests.shipped import CATALOGUE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SINK = "http://sink.example"


def notice(recipient: str, *, rank: int = 0, drill: bool = False, pillar: str = "legal") -> NoticeIssued:
    return NoticeIssued.model_validate({
        "notice_id": "n", "kind": "offer", "recipient": recipient, "band": "P1", "attempt": 1, "method_rank": rank,
        "issuer_topic": "commands", "issuer_key": "h", "case_id": "c", "track_id": "t", "desk_id": "legal-fr",
        "pillar": pillar, "reason": "offer", "at": NOW, "drill": drill,
    })  # fmt: skip


def entry(*methods: tuple[str, bool], addresses: tuple[str, ...] = (), pillar: str = "legal") -> bytes:
    told = RosterEntry(
        responder_id="r-1",
        desk_id=f"{pillar}-fr",
        methods=tuple(ContactMethod(kind=kind, verified=verified) for kind, verified in methods),
        personal=RosterPersonal(addresses=addresses),
    )
    record = desk_records.ResponderRecord(entry=told, presence=Presence.AVAILABLE, idle_since=NOW, version=1)
    return record.model_dump_json().encode()


def directory(*records: tuple[str, bytes | None], sink_url: str | None = SINK) -> Directory:
    rosters = Rosters()
    for pillar, record in records:
        rosters.restore(f"desks.{pillar}", "responder/r-1", record)
    return Directory(rosters, CATALOGUE, sink_url)


def test_the_rank_counts_verified_methods_and_beyond_the_last_stays_at_the_last() -> None:
    record = entry((WEBHOOK, True), (WEBHOOK, False), (LOG, True), addresses=("http://a", "http://b"))
    known = directory(("legal", record))
    assert [known.route(notice("r-1", rank=rank)).method for rank in (0, 1, 7)] == [
        Method(WEBHOOK, "http://a"),
        Method(LOG),
        Method(LOG),
    ]


def test_a_webhook_without_an_address_is_the_sinks() -> None:
    assert directory(("legal", entry((WEBHOOK, True)))).route(notice("r-1")).method == Method(WEBHOOK, SINK)


def test_who_works_in_two_pillars_is_reached_by_the_notices_own() -> None:
    records = [(p, entry((WEBHOOK, True), addresses=(f"http://{p}",), pillar=p)) for p in ("legal", "financial")]
    known = directory(*records)
    assert known.route(notice("r-1", pillar="financial")).method.address == "http://financial"
    assert known.route(notice("r-1", pillar="technical")).method.kind == WEBHOOK


@pytest.mark.parametrize(
    ("records", "recipient", "reason"),
    [
        ([], "r-1", "unknown_recipient"),
        ([("legal", entry((LOG, True))), ("legal", None)], "r-1", "unknown_recipient"),
        ([], "post:nowhere", "unknown_recipient"),
        ([("legal", entry((WEBHOOK, False)))], "r-1", "no_usable_method"),
        ([("legal", entry(("pigeon", True)))], "r-1", "no_usable_method"),
    ],
)
def test_who_cannot_be_reached_is_handed_to_the_sink(
    records: list[tuple[str, bytes | None]], recipient: str, reason: str
) -> None:
    route = directory(*records).route(notice(recipient))
    assert (route.handed_over, route.method) == (reason, Method(WEBHOOK, SINK))


def test_a_desks_post_is_reached_as_its_kind_of_post() -> None:
    assert directory().route(notice("post:duty-lead-legal-fr")).method == Method(WEBHOOK, SINK)
    assert directory().route(notice("post:duty-lead-legal-fr", rank=1)).method == Method(LOG)


def test_the_log_stands_for_the_sink_only_where_there_is_nothing_else() -> None:
    assert {directory().sink("x", attempt).method.kind for attempt in range(4)} == {WEBHOOK}
    assert directory(sink_url=None).sink("x").method == Method(LOG)


def test_a_drill_is_logged_whoever_is_meant() -> None:
    assert directory().route(notice("post:sink", drill=True)).method == Method(LOG)


def test_somebodys_own_rules_say_which_method_comes_first_for_which_band() -> None:
    methods = tuple(ContactMethod(kind=WEBHOOK, verified=proved) for proved in (True, True, False))
    rules = tuple(
        ReachRule(band=Band.P1, method=place, after_seconds=after) for place, after in ((0, 60), (1, 5), (2, 0))
    )
    addresses = RosterPersonal(addresses=("http://a", "http://b", "http://unproved"))
    told = RosterEntry(responder_id="r-1", desk_id="legal-fr", methods=methods, reach=rules, personal=addresses)
    kept = desk_records.ResponderRecord(entry=told, presence=Presence.AVAILABLE, idle_since=NOW, version=1)
    known = directory(("legal", kept.model_dump_json().encode()))
    assert [known.route(notice("r-1", rank=rank)).method.address for rank in (0, 1, 2)] == [
        "http://b",
        "http://a",
        "http://a",
    ]
    other = notice("r-1").model_copy(update={"band": Band.P2})
    assert known.route(other).method.address == "http://a"


def test_a_trial_of_a_contact_method_goes_over_that_one_verified_or_not_and_over_no_other() -> None:
    known = directory(("legal", entry((LOG, True), (WEBHOOK, False), addresses=("log", "http://new"))))
    tried = notice("r-1").model_copy(update={"kind": NoticeKind.VERIFICATION, "method": 1})
    assert known.route(tried).method.address == "http://new"
    assert known.route(tried.model_copy(update={"method": 2})).handed_over == "no_usable_method"


def test_mail_is_written_in_the_first_language_of_whoever_gets_it_that_we_write() -> None:
    told = RosterEntry.model_validate({
        "responder_id": "r-1", "desk_id": "legal-fr", "languages": ("ar", "nl", "fr"),
        "methods": [{"kind": "smtp"}], "personal": {"addresses": ["somebody@example.org"]},
    })  # fmt: skip
    record = desk_records.ResponderRecord(entry=told, presence=Presence.AVAILABLE, idle_since=NOW, version=1)
    known = directory(("legal", record.model_dump_json().encode()))
    assert known.route(notice("r-1")).method == Method("smtp", "somebody@example.org", "nl")


def test_an_unreadable_roster_record_leaves_the_older_entry_and_is_counted() -> None:
    known = directory(("legal", entry((LOG, True))), ("legal", b"{"))
    assert known.rosters.unreadable == 1
    assert known.rosters.find("r-1", Pillar.LEGAL) is not None
