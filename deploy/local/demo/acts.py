"""The play: the town moves in, four vignettes, a crowd with one P0 that nobody answers, its page, and everybody helped."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deploy.local.demo import reporting
from deploy.local.demo.api import Answer, Caller
from deploy.local.demo.balance import REFERRED
from deploy.local.demo.parts import Part
from deploy.local.demo.plays import Play
from deploy.local.demo.screen import Screen
from deploy.local.demo.sendlog import SendLog
from deploy.local.demo.stackfile import Stack
from deploy.local.demo.vignettes import SILENT_DESK, Vignette, four, unanswered
from deploy.local.demo.watching import ASKED, DONE, TAKEN, WAITING, Standing, Watch

_SETTLE_SECONDS = 90
_CROWD_SECONDS = 180
_TAKEN_SECONDS = 30
_PAGE_SECONDS = 60
_QUIET_SECONDS = 2.0
_LOOK_SECONDS = 0.1
_READING_SECONDS = 4.0


class PlayFailed(Exception):
    """Something the play waits for did not come."""


@dataclass
class Cast:
    """Who plays: callers of the API, the parts running, the log of what the play itself sends."""

    play: Play
    stack: Stack
    screen: Screen
    watch: Watch
    agent: Caller
    supervisor: Caller
    lead: Caller
    log: SendLog
    parts: dict[str, Part]

    @property
    def standing(self) -> Standing:
        """How things stand on the bus."""
        return self.watch.standing

    def start(self, name: str) -> Part:
        """Starts a part."""
        self.parts[name] = Part(name, self.play)
        return self.parts[name]

    async def until(self, seen: Callable[[], bool], within: float, what: str) -> None:
        """Returns once `seen`; raises PlayFailed."""
        end = asyncio.get_running_loop().time() + within
        while not seen():
            for part in self.parts.values():
                part.check()
            if asyncio.get_running_loop().time() > end:
                raise PlayFailed(f"{what}: not within {within:.0f} s")
            await asyncio.sleep(_LOOK_SECONDS)

    async def report(self, body: dict[str, Any], *, key: str, act: str) -> dict[str, Any]:
        """The answer to a report of the play; raises PlayFailed when it was not taken."""
        answer = await reporting.report(self.agent, self.log, body, key=key, act=act)
        if "case_id" not in answer.body:
            raise PlayFailed(f"the report {key} was answered with {answer.status}")
        if "tracks" in answer.body:
            return answer.body
        return (await self.agent.get(f"/v1/cases/{answer.body['case_id']}")).body


async def move_in(cast: Cast) -> None:
    """Households and roster, then the first shift."""
    play = cast.play
    cast.screen.begin(
        f"The town moves in: {play.households} households, half of them through their telco; {len(play.roster())} people on"
        " a 24/7 roster of eight desks."
    )
    await cast.start("settling").ended(_SETTLE_SECONDS)
    del cast.parts["settling"]
    cast.start("responders")


async def vignettes(cast: Cast) -> None:
    """The four vignettes, one after the other; each is done when responders have all its tracks."""
    for vignette in four(datetime.now(UTC), cast.play.town(cast.stack)):
        cast.screen.begin(vignette.told)
        began = asyncio.get_running_loop().time()
        answers = await asyncio.gather(
            *(
                cast.report(body, key=f"vignette-{vignette.name}-{number}", act=vignette.name)
                for number, body in enumerate(vignette.reports, start=1)
            )
        )
        cast.screen.tell(_opened(vignette, answers[0]))
        tracks = [track["track_id"] for answer in answers for track in answer["tracks"] if track["state"] != REFERRED]
        await cast.until(
            lambda tracks=tracks: all(cast.standing.state(one) in {TAKEN, DONE} for one in tracks),  # type: ignore[misc]
            _TAKEN_SECONDS,
            f"responders for vignette ({vignette.name})",
        )
        took = asyncio.get_running_loop().time() - began
        cast.screen.tell(f"({vignette.name}) all {len(tracks)} tracks taken by responders after {took:.1f} s")
        await asyncio.sleep(max(0.5, _READING_SECONDS - took))  # for whoever is reading along


def _opened(vignette: Vignette, case: dict[str, Any]) -> str:
    pillars = ", ".join(
        f"{track['pillar']}{' leads' if track['lead'] else ''}"
        for track in case["tracks"]
        if track["state"] != REFERRED
    )
    return f"({vignette.name}) {case['band']} {case['code']}: {pillars}. {vignette.look}"


async def crowd_and_silence(cast: Cast) -> None:
    """The crowd, and in the middle of it one P0 whose desk stays silent until the duty lead is paged and takes it."""
    play = cast.play
    cast.screen.begin(
        f"{play.reports} mixed reports at {play.rate:.0f} a second, half over HTTP, half on partners' topics; and a P0 threat"
        f" that nobody at {SILENT_DESK} answers: its promise is 20 seconds."
    )
    crowd = [cast.start(name) for name in ("agents", "partner")]
    cast.parts["responders"].tell({"desk": SILENT_DESK})
    home = next(one for one in play.town(cast.stack) if one.partner_id is None and one.country == "BE")
    case = await cast.report(unanswered(home), key="silence-1", act="silence")
    cast.parts["responders"].tell({"desk": SILENT_DESK, "case": case["case_id"]})
    track = next(one for one in case["tracks"] if one["desk_id"] == SILENT_DESK)
    cast.screen.tell(f"the threat is case {case['case_id']}; {SILENT_DESK} is asked, one after the other")
    await cast.until(
        lambda: cast.standing.page_about(track["track_id"]) is not None, _PAGE_SECONDS, "a page about the unanswered P0"
    )
    await _take_over(cast, case["case_id"], track["track_id"])
    for part in crowd:
        await part.ended(_CROWD_SECONDS)


async def _take_over(cast: Cast, case_id: str, track_id: str) -> None:
    page = cast.standing.page_about(track_id)
    assert page is not None
    case = (await cast.agent.get(f"/v1/cases/{case_id}")).body
    waited = datetime.fromisoformat(page["at"]) - datetime.fromisoformat(case["received_at"])
    cast.screen.begin(
        f"PAGE to {page['recipient']}, {page['band']}, {waited.total_seconds():.1f} s after receipt: nobody has taken the threat."
    )
    cast.screen.tell(f"PAGE {page['page_id']} delivered to the page sink")
    await asyncio.sleep(2.0)  # for whoever is reading along
    lead = f"{SILENT_DESK}-lead"
    path = f"/v1/tracks/{track_id}"
    _must(await cast.supervisor.post(f"{path}:assign", {"responder_id": lead, "reason": "page"}, key="assign-1"))
    _must(await cast.supervisor.post(f"/v1/pages/{page['page_id']}:acknowledge"))
    cast.screen.begin("The duty lead takes the threat and acknowledges the page; the silent desk goes on working.")
    cast.parts["responders"].tell({})
    _must(await cast.lead.post(f"{path}:contacted", {"result": "spoke"}, key="lead-contacted"))
    cast.screen.tell(f"{lead} has reached the victim")


def _must(answer: Answer) -> None:
    if not answer.done:
        raise PlayFailed(f"a call of the duty lead was answered with {answer.status}: {answer.body.get('code', '')}")


async def crowd_only(cast: Cast) -> None:
    """The mixed reports and nothing else."""
    cast.screen.begin(f"{cast.play.reports} mixed reports, half over HTTP, half on partners' topics.")
    for part in [cast.start(name) for name in ("agents", "partner")]:
        await part.ended(_CROWD_SECONDS)


async def finish(cast: Cast) -> None:
    """Until every track is with somebody and nothing new has come for a while; then the shift ends its work."""
    cast.screen.begin(
        "No more reports: the last offers are answered and victims called back; what takes longer stays open."
    )

    def all_taken() -> bool:
        loop_quiet = cast.standing.quiet_for() > _QUIET_SECONDS
        by_state = cast.standing.totals()
        return loop_quiet and not by_state[WAITING] and not by_state[ASKED]

    await cast.until(all_taken, _CROWD_SECONDS, "somebody for every track")
    cast.parts["responders"].close_input()
    await cast.parts.pop("responders").ended(_TAKEN_SECONDS * 2)
    for page_id in list(cast.standing.pages):
        await cast.supervisor.post(f"/v1/pages/{page_id}:acknowledge")
