"""Over which way people are told, on a real broker: mail handed to a real mail server, bursts in one message, links, trials of methods."""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.kafka import provide
from schemas.commands import Receipt
from schemas.words import NoticeKind
from services.rules.codes import notice_of, spoken_code
from tests.stage.fleet import wait_until
from tests.stage.paging import LINKS, PUBLIC_URL, Paged, entry, notice, paged
from tests.stage.product import product

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]
PERSON = "somebody.private"  # must be in nobody's log


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paged]:
    broker = provide()
    try:
        with product(broker, tmp_path_factory.mktemp("reached")) as running, paged(running) as made:
            made.pager().wait_ready()
            yield made
    finally:
        broker.close()


def told(town: Paged, *names: str) -> list[dict[str, Any]]:
    """What the sink took of these notices, once it has them all."""
    wanted = {notice(name, "x").notice_id for name in names}

    def there() -> list[dict[str, Any]]:
        return [one for one in town.told() if one["notice_id"] in wanted]

    wait_until("they are told", lambda: {one["notice_id"] for one in there()} == wanted)
    return there()


def receipt(town: Paged, name: str) -> list[Receipt]:
    """What the issuer was told of a notice, once there is something."""
    notice_id = notice(name, "x").notice_id
    wait_until("there is a receipt", lambda: any(one.notice_id == notice_id for one in town.receipts()))
    return [one for one in town.receipts() if one.notice_id == notice_id]


def mails(town: Paged, address: str) -> list[dict[str, Any]]:
    return [one for one in town.mail.taken() if one["to"] == [address]]


# ------------------------------------------------------------------------------------------------------------ together
def test_a_burst_to_one_person_is_one_message_whose_items_are_acknowledged_separately(town: Paged) -> None:
    town.enrol(entry("burst", ("webhook", town.sink.url("/burst"))))
    town.enrol(entry("other", ("webhook", town.sink.url("/other"))))
    names = [f"burst-{number}" for number in range(5)]
    town.issue(*(notice(name, "burst") for name in names), notice("burst-else", "other"))
    found = told(town, *names, "burst-else")
    assert len({one["key"] for one in found if one["path"] == "/burst"}) == 1
    assert len({one["key"] for one in found}) == 2
    links = [one["link"].removeprefix(f"{PUBLIC_URL}/a/") for one in found]
    assert [notice_of(LINKS.encode(), code) for code in links] == [one["notice_id"] for one in found]
    for name in names:
        assert [one.delivered for one in receipt(town, name)] == [True]


def test_a_p0_never_waits_for_company(town: Paged) -> None:
    town.enrol(entry("urgent", ("webhook", town.sink.url("/urgent"))))
    town.issue(notice("urgent-1", "urgent"), notice("urgent-0", "urgent", band="P0"), notice("urgent-2", "urgent"))
    found = told(town, "urgent-0", "urgent-1", "urgent-2")
    alone = notice("urgent-0", "x").notice_id
    assert found[0]["notice_id"] == found[0]["key"] == alone
    assert len({one["key"] for one in found}) == 2


def test_a_later_attempt_takes_the_place_of_one_that_fails_and_the_sink_is_not_called_for_it(town: Paged) -> None:
    town.enrol(entry("again", ("smtp", "later@example.org"), ("webhook", town.sink.url("/again"))))
    first = notice("again-1", "again", offer_id="again", band="P0")
    town.issue(first)
    wait_until("the first attempt fails", lambda: failed(town, "status_451") >= 2)
    town.issue(notice("again-2", "again", offer_id="again", band="P0", attempt=2, method_rank=1))
    (one,) = told(town, "again-2")
    assert one["path"] == "/again"
    before = failed(town, "status_451")
    town.issue(notice("again-after", "post:duty-lead-legal-fr"))
    told(town, "again-after")
    assert failed(town, "status_451") <= before + 1
    assert [one for one in town.told() if one["notice_id"] == first.notice_id] == []


def failed(town: Paged, reason: str) -> float:
    shown = town.town.members[0].get("/metrics")[1].splitlines()
    name = "sameroof_notice_attempts_failed_total"
    return sum(float(line.rpartition(" ")[2]) for line in shown if line.startswith(name) and f'"{reason}"' in line)


# ---------------------------------------------------------------------------------------------------------------- mail
def test_mail_brings_the_link_in_the_readers_language_under_an_id_that_stays(town: Paged) -> None:
    address = f"{PERSON}@example.org"
    town.enrol(entry("mailed", ("smtp", address), languages=["nl", "fr"]))
    town.issue(notice("mail-1", "mailed", band="P0"))
    wait_until("the mail is there", lambda: mails(town, address))
    (mail,) = mails(town, address)
    sent = notice("mail-1", "x")
    assert mail["id"] == f"<{sent.notice_id}@sameroof.invalid>"
    assert "er wacht werk op u" in mail["subject"]
    (link,) = [word for word in mail["text"].split() if word.startswith(PUBLIC_URL)]
    assert notice_of(LINKS.encode(), link.rpartition("/")[2]) == sent.notice_id
    assert [(one.delivered, one.method) for one in receipt(town, "mail-1")] == [(True, "smtp")]
    town.issue(*(notice(f"mail-{number}", "mailed") for number in (2, 3)))
    wait_until("two more in one mail", lambda: len(mails(town, address)) == 2)
    assert mails(town, address)[1]["text"].count(f"{PUBLIC_URL}/a/") == 2


def test_a_mail_server_that_refuses_for_good_means_the_sink_at_once_and_a_receipt_that_says_so(town: Paged) -> None:
    town.enrol(entry("refused", ("smtp", "refused@example.org")))
    town.issue(notice("refused-1", "refused"))
    (one,) = told(town, "refused-1")
    assert (one["handed_over"], one["meant_for"], one["path"]) == ("method_failed", "refused", "/sink")
    wait_until("both receipts", lambda: len(receipt(town, "refused-1")) == 2)
    assert [one.delivered for one in receipt(town, "refused-1")] == [False, True]


def test_a_mail_server_that_hangs_holds_up_nobody_else(town: Paged) -> None:
    town.enrol(entry("hanging", ("smtp", "hangs@example.org")))
    town.enrol(entry("quick", ("webhook", town.sink.url("/quick"))))
    town.issue(
        *(notice(f"hang-{number}", "hanging", band="P0") for number in range(5)), notice("quick", "quick", band="P0")
    )
    assert told(town, "quick")
    assert mails(town, "hangs@example.org") == []
    wait_until("it is given up in time", lambda: failed(town, "timeout") >= 5)


# ---------------------------------------------------------------------------------------------------- trials of a method
def test_a_verification_brings_its_code_over_the_method_in_question_and_over_no_other(town: Paged) -> None:
    unproved = entry("new", ("webhook", town.sink.url("/proved")), ("smtp", f"new.{PERSON}@example.org"))
    methods = [{"kind": "webhook"}, {"kind": "smtp", "verified": False}]
    town.enrol(unproved.model_validate({**unproved.model_dump(), "methods": methods}))
    town.issue(notice("code", "new", kind=NoticeKind.VERIFICATION, method=1))
    address = f"new.{PERSON}@example.org"
    wait_until("the mail is there", lambda: mails(town, address))
    sent = notice("code", "x").notice_id
    assert spoken_code(LINKS.encode(), sent) in mails(town, address)[0]["text"]
    assert [one for one in town.told() if one["notice_id"] == sent] == []


def test_a_drill_that_reaches_nobody_is_told_to_its_issuer_and_to_nobody_else(town: Paged) -> None:
    town.enrol(entry("drilled", ("smtp", "refused@example.org"), ("webhook", town.sink.url("/drilled"))))
    drill = {"kind": NoticeKind.DRILL, "band": "P3"}
    town.issue(*(notice(f"drill-{place}", "drilled", method=place, **drill) for place in (0, 1)))
    (one,) = told(town, "drill-1")
    assert (one["path"], "link" in one) == ("/drilled", True)
    assert [one.delivered for one in receipt(town, "drill-0")] == [False]
    assert [one.delivered for one in receipt(town, "drill-1")] == [True]
    lost = notice("drill-0", "x").notice_id
    assert [one for one in town.told() if one["notice_id"] == lost] == []


def test_no_address_code_or_link_is_in_any_log_or_metric(town: Paged) -> None:
    test_mail_brings = mails(town, f"{PERSON}@example.org")
    assert test_mail_brings, "this test comes after those that told somebody"
    shown = town.town.members[0].get("/metrics")[1] + (town.town.logs / "pager.log").read_text()
    links = [one["link"].rpartition("/")[2] for one in town.told() if "link" in one]
    assert links
    assert [word for word in (PERSON, "@example.org", *links) if word in shown] == []
