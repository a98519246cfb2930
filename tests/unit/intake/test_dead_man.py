"""A P0 that gets stuck is paged about, once, whatever happens to the bus, the sink or the process."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

import httpx2

from schemas import topics
from schemas.base import Actor
from schemas.commands import PageRequest
from schemas.envelope import Event
from schemas.notices import NoticeIssued
from schemas.reports import ReportSubmitted
from schemas.words import Channel, Role, TrackState
from services.intake.board_stream import with_own
from services.intake.calling import Api
from services.intake.commanding import SOURCE
from services.intake.dead_man import page_command, watch_over
from services.intake.notebook import Notebook, Request, Watched, WatchState
from services.rules.admission import admit, event_of, report_of
from services.rules.machine import Letter, Send
from services.rules.paging import page_of_report
from services.rules.triage import triage
from tests.unit.intake.conftest import Signer, Sink
from tests.unit.intake.records import Log, golden_case, golden_household, golden_track

P0 = {"code": "grooming_of_minor", "country": "FR"}
P3 = {"code": "phishing"}


async def post(
    client: httpx2.AsyncClient, signer: Signer, body: Mapping[str, object], key: str = "k"
) -> httpx2.Response:
    return await client.post("/v1/incidents", json=body, headers={**signer.header(Role.AGENT), "Idempotency-Key": key})


def page_of(report: ReportSubmitted, api: Api) -> NoticeIssued:
    decision = triage(report.body, received_at=report.received_at, catalogue=api.catalogue)
    return page_of_report(report, decision, api.catalogue)


async def watched(api: Api) -> tuple[Watched, ...]:
    return await api.notebook.watched(*WatchState)


async def test_without_the_bus_a_report_is_refused_in_time_with_its_key(
    client: httpx2.AsyncClient, signer: Signer
) -> None:
    answer = await post(client, signer, P3, "key-17")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["idempotency_key"] == "key-17"
    assert "page_id" not in answer.json()


async def test_without_the_bus_a_p0_is_paged_once_however_often_it_is_tried(
    api: Api, client: httpx2.AsyncClient, signer: Signer, sink: Sink
) -> None:
    answers = [await post(client, signer, P0) for _ in range(3)]
    await paged(api)
    assert [notice.page_id for notice in sink.taken] == [answers[0].json()["page_id"]]
    assert {answer.json()["page_id"] for answer in answers} == {sink.taken[0].page_id}
    assert sink.taken[0].reason == "bus_down"


async def test_the_page_bears_the_id_the_router_would_derive(
    api: Api, client: httpx2.AsyncClient, signer: Signer, sink: Sink
) -> None:
    await post(client, signer, P0)
    await paged(api)
    sent = (await watched(api))[0].record.body
    assert isinstance(sent, Letter)
    report = ReportSubmitted.model_validate_json(sent.value or b"")
    assert sink.taken[0].page_id == page_of(report, api).page_id


async def test_the_page_goes_to_the_desk_of_a_household_we_know(
    api: Api, client: httpx2.AsyncClient, signer: Signer, sink: Sink
) -> None:
    known, log = golden_household(), Log()
    ids = {country: str(uuid5(NAMESPACE_URL, country)) for country in ("BE", "FR")}
    for country, household_id in ids.items():
        body = known.body.model_copy(update={"country": country})
        household = known.model_copy(update={"household_id": household_id, "body": body})
        log.state(topics.HOUSEHOLDS, household_id, household)
        await api.model.apply(log.messages, api.now())
        await post(client, signer, {"code": P0["code"], "household_id": household_id}, country)
    await post(client, signer, {**P0, "country": "BE", "household_id": ids["FR"]}, "said")
    await paged(api)
    assert sorted(notice.desk_id.rpartition("-")[2] for notice in sink.taken) == ["be", "be", "fr"]
    assert {notice.recipient for notice in sink.taken} == {f"post:duty-lead-{one.desk_id}" for one in sink.taken}


async def paged(api: Api) -> None:
    """Lets the dead man work until nothing is left to page."""
    while await api.notebook.watched(WatchState.PAGING):
        await api.dead_man.look()
        await asyncio.sleep(0)


async def test_a_drill_and_an_ordinary_report_page_nobody(
    api: Api, client: httpx2.AsyncClient, signer: Signer, sink: Sink
) -> None:
    await post(client, signer, {**P0, "drill": True}, "drill")
    await post(client, signer, P3, "ordinary")
    await api.dead_man.look()
    assert (await watched(api), sink.taken) == ((), [])


async def test_a_page_the_sink_did_not_take_is_sent_again(
    api: Api, client: httpx2.AsyncClient, signer: Signer, sink: Sink
) -> None:
    sink.open = False
    await post(client, signer, P0)
    await api.dead_man.look()
    await sink.asked.wait()
    assert sink.taken == []
    sink.open = True
    await paged(api)
    assert len(sink.taken) == 1


async def test_a_page_in_progress_survives_the_process(api: Api, client: httpx2.AsyncClient, signer: Signer) -> None:
    await post(client, signer, P0)
    other = Notebook(api.settings.state_dir / "notebook.sqlite")
    await other.open(api.now())
    assert [one.state for one in await other.watched(*WatchState)] == [WatchState.PAGING]
    await other.close()


async def accepted(api: Api, *, age: timedelta) -> Watched:
    """A P0 report the bus took some time ago."""
    at = api.now() - age
    report = report_of(
        admit(b'{"code":"grooming_of_minor"}', sender=None, at=at, catalogue=api.catalogue),
        source=SOURCE,
        report_id="r-1",
        channel=Channel.AGENT,
        actor=Actor(role=Role.AGENT, id="a"),
        received_at=at,
    )
    lane, event = event_of(report, api.catalogue)
    send = Send(lane, report.household_id, event.partitionkey, event)
    due = at + timedelta(seconds=api.settings.dead_man_seconds)
    watch = watch_over(report, page_of(report, api), send, due=due, covert=False)
    await api.notebook.take(Request("r-1", report.body_digest, report.household_id, None), at, sender="a", watch=watch)
    await api.notebook.landed("r-1")
    return (await watched(api))[0]


async def test_an_accepted_p0_without_an_offer_is_paged_when_its_time_is_over(api: Api, sink: Sink) -> None:
    await accepted(api, age=timedelta(seconds=api.settings.dead_man_seconds))
    await api.dead_man.look()
    await paged(api)
    assert [notice.reason for notice in sink.taken] == ["no_offer"]


async def test_an_accepted_p0_is_not_paged_before_its_time_is_over(api: Api, sink: Sink) -> None:
    await accepted(api, age=timedelta(seconds=api.settings.dead_man_seconds / 2))
    await api.dead_man.look()
    assert (sink.taken, (await watched(api))[0].state) == ([], WatchState.WATCHING)


async def test_an_accepted_p0_with_a_readable_offer_is_over(api: Api, sink: Sink) -> None:
    one = await accepted(api, age=timedelta(hours=1))
    track = golden_case().tracks[0].model_copy(update={"track_id": one.notice.track_id, "offered_at": None})
    case = golden_case().model_copy(update={"case_id": one.case_id, "tracks": (track,)})
    desk = golden_track()
    dispatch = desk.dispatch.model_copy(update={"track_id": track.track_id})
    offered = desk.model_copy(update={"dispatch": dispatch, "state": TrackState.OFFERED, "offer_id": "o-1"})
    log = Log()
    log.state(topics.CASES, case.case_id, case)
    log.state(topics.desks(dispatch.pillar), f"track/{track.track_id}", offered)
    await api.model.apply(log.messages, api.now())
    await api.dead_man.look()
    assert (sink.taken, (await watched(api))[0].state) == ([], WatchState.OVER)


async def test_the_page_is_told_to_the_router_under_the_same_id(api: Api, sink: Sink) -> None:
    await accepted(api, age=timedelta(hours=1))
    await api.dead_man.look()
    await paged(api)
    one = (await watched(api))[0]
    send = page_command(one)
    assert isinstance(send.body, Event)
    assert isinstance(send.body.data, PageRequest)
    assert send.topic == topics.COMMANDS
    assert (send.body.data.page_id, send.body.data.delivered_at) == (sink.taken[0].page_id, one.delivered_at)
    assert page_command(one) == send


async def test_a_page_of_ours_is_on_the_board_unless_its_case_is_covert(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    await post(client, signer, P0, "open")
    await post(client, signer, {**P0, "covert": True}, "covert")
    shown = with_own((), await watched(api))
    assert len(shown) == 1
    assert shown[0].reason == "bus_down"
