"""One-time links: whoever holds one says that a notice was seen. Looking at one changes nothing, since programs look at links too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse

from schemas.base import Actor
from schemas.commands import Command, NoticeSeen, PageAcknowledge
from schemas.outcomes import OutcomeDone, OutcomeRefused
from schemas.rota_commands import PageSeen
from schemas.words import NoticeKind, Role
from services.intake.calling import Api, TheApi, throttle
from services.intake.commanding import case_command, desk_command
from services.intake.problems import Problem
from services.intake.reach_queries import NoticeFound, notice
from services.rules import ids
from services.rules.codes import notice_of
from services.rules.machine import Send
from services.rules.parcels import LINK_GOOD_FOR

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
SAID: dict[int | str, dict[str, Any]] = {
    202: {"description": "Sent"},
    410: {"description": "Used, over, or never made: nobody learns which"},
}
Languages = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]


@dataclass(frozen=True, slots=True)
class _Words:
    asks: str
    button: str
    noted: str
    over: str
    later: str


WORDS: Mapping[str, _Words] = {
    "fr": _Words(
        "Touchez le bouton pour dire que vous avez vu le message.", "Je l'ai vu", "Merci, c'est noté.",
        "Ce lien ne sert plus. Il n'y a rien d'autre à faire ici.", "Impossible pour le moment. Réessayez dans un instant.",
    ),
    "nl": _Words(
        "Tik op de knop om te zeggen dat u het bericht gezien hebt.", "Ik heb het gezien", "Dank u, het is genoteerd.",
        "Deze link dient niet meer. Hier hoeft u niets meer te doen.", "Dat lukt nu niet. Probeer het zo opnieuw.",
    ),
    "de": _Words(
        "Tippen Sie auf die Taste, um zu sagen, dass Sie die Nachricht gesehen haben.", "Ich habe sie gesehen",
        "Danke, es ist vermerkt.", "Dieser Link wird nicht mehr gebraucht. Hier ist nichts weiter zu tun.",
        "Das geht gerade nicht. Versuchen Sie es gleich noch einmal.",
    ),
    "en": _Words(
        "Press the button to say that you have seen the message.", "I have seen it", "Thank you, it is noted.",
        "This link is of no more use. There is nothing else to do here.", "Not possible just now. Try again in a moment.",
    ),
}  # fmt: skip


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["links"])
    router.add_api_route("/a/{code}", look, methods=["GET"], response_class=HTMLResponse)
    router.add_api_route("/a/{code}", follow, methods=["POST"], response_class=HTMLResponse, responses=SAID)
    return router


async def look(code: str, accept_language: Languages = None) -> HTMLResponse:  # noqa: ARG001 - none is looked up
    """The same neutral page for every code, good or not."""
    words = _words(accept_language)
    return _page(f'<p>{words.asks}</p><form method="post"><button>{words.button}</button></form>', 200)


async def follow(api: TheApi, code: str, accept_language: Languages = None) -> HTMLResponse:
    """Says that the notice was seen, once. A link that was used, is over or was never made gets one and the same answer (410)."""
    words = _words(accept_language)
    found = await _notice(api, code)
    asked = _command(found, api.now()) if found else None
    if found is None or asked is None:
        return _page(f"<p>{words.over}</p>", 410)
    throttle(api, f"link-{found.notice_id}")
    command, send, shown = asked
    try:
        outcome = await api.commander.ask(command.command_id, send, shown)
    except Problem as problem:
        return _page(f"<p>{words.later}</p>", problem.status, problem.headers)
    if isinstance(outcome, OutcomeRefused) or (isinstance(outcome, OutcomeDone) and outcome.repeated):
        return _page(f"<p>{words.over}</p>", 410)
    return _page(f"<p>{words.noted}</p>", 202 if outcome is None else 200)


async def _notice(api: Api, code: str) -> NoticeFound | None:
    secret = api.settings.link_secret
    notice_id = notice_of(secret.get_secret_value().encode(), code) if secret else None
    found = await api.model.ask(notice(notice_id)) if notice_id else None
    return found if found is not None and api.now() < found.at + LINK_GOOD_FOR else None


def _command(found: NoticeFound, now: datetime) -> tuple[Command, Send, str | None] | None:
    """What a link says, to whom, and where that will be shown; its id is the notice's, so that it can be said once."""
    common = {
        "command_id": ids.derived("seen-by-link", found.notice_id),
        "actor": Actor(role=Role.SERVICE, id=f"link-{found.recipient}"),
        "received_at": now,
    }
    if found.kind is NoticeKind.PAGE and found.page_id is not None and found.issuer_key == found.desk_id:
        of_desk = PageSeen.model_validate({**common, "desk_id": found.desk_id, "page_id": found.page_id})
        return of_desk, desk_command("page_acknowledge", of_desk, key=found.desk_id), None
    if found.kind is NoticeKind.PAGE and found.page_id is not None:
        page = PageAcknowledge.model_validate({**common, "household_id": found.issuer_key, "page_id": found.page_id})
        return page, case_command("acknowledge", page, found.issuer_key), found.case_id
    if found.kind not in (NoticeKind.OFFER, NoticeKind.DRILL):
        return None
    about = {"desk_id": found.desk_id, "responder_id": found.recipient, "notice_id": found.notice_id}
    of_track = {"track_id": found.track_id, "offer_id": found.offer_id, "method": found.method}
    seen = NoticeSeen.model_validate({**common, **about, **of_track})
    return seen, desk_command("seen", seen, key=found.track_id), None


def _words(accepted: str | None) -> _Words:
    wanted = ((one.strip()[:2].lower()) for one in (accepted or "").split(","))
    return WORDS[next((one for one in wanted if one in WORDS), "en")]


def _page(inner: str, status: int, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sameroof</title>'
    return HTMLResponse(head + inner, status, headers={**HEADERS, **(headers or {})})
