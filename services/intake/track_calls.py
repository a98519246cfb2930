"""What a responder sees of a track offered or assigned to them, what they note of it, what they do with it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from schemas.base import Actor
from schemas.commands import CaseNote, NotePersonal, TrackCommand
from schemas.dispatch import DispatchTaken
from schemas.words import LinkKind, Role
from services.intake import case_queries, queries
from services.intake.access import Sight, hands_on, owns, sealed_to, sight_of, track_of
from services.intake.answering import answered, deeds
from services.intake.asks import Contacted, GivenBack, TrackNote, Wait, Work
from services.intake.bodies import body_of, takes
from services.intake.calling import Api, IdempotencyKey, TheApi, command_id, etag
from services.intake.commanding import case_command, desk_command
from services.intake.desk_views import TrackView, track_view
from services.intake.problems import Code, Problem
from services.intake.queries import TrackFound
from services.intake.timeline import NOTED, TOLD
from services.intake.voices import Speaker, Voice, speaking
from services.intake.workshops_shown import workshops_with
from services.rules import ids

TrackReader = Annotated[Voice, speaking(Role.RESPONDER, Role.SUPERVISOR)]
Said = Contacted | Wait | Work
WORK: Mapping[str, tuple[type[Said], str]] = {
    "contacted": (Contacted, "Says how an attempt to speak with the victim of my track ended."),
    "wait": (Wait, "Says whom the work on my track waits for, until `:resume`."),
    "handover": (
        GivenBack,
        "Gives my track back to the desk, with a note for the next one: it is offered to somebody else.",
    ),
    "resume": (Work, "Says that the work on my track goes on."),
    "done": (Work, "Says that the work on my track is done."),
    "conflict": (
        Work,
        "Says that I may have nothing to do with this household: the track goes back, and no other of it is offered to me.",
    ),
}
TRACK = "/v1/tracks/{track_id}"
NOTES_SHOWN = 1_000


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["responders"])
    tell = deeds(router)
    router.add_api_route(TRACK, read, methods=["GET"], response_model=TrackView, response_model_exclude_none=True)
    tell(TRACK + "/notes", note, status_code=201, openapi_extra=takes(TrackNote))
    for verb, (asked, _) in WORK.items():
        extra = takes(asked, optional=issubclass(asked, Work))
        tell(f"{TRACK}:{verb}", _work_with(verb, asked), name=f"{verb}_track", openapi_extra=extra)
    return router


async def read(api: TheApi, voice: TrackReader, track_id: str, response: Response) -> TrackView:
    """A track offered or assigned to me: what my pillar may see, of the case's newest 1,000 notes. Ends with the assignment."""
    found = await _track(api, track_id)
    sight = sight_of(found, voice)
    if sight is Sight.NOTHING:
        raise Problem(Code.NOT_FOUND)
    events = await api.model.ask(case_queries.telling(found.case.case_id, [NOTED, *TOLD], NOTES_SHOWN))
    for link in found.case.links:
        if link.kind is LinkKind.MERGED:  # what was told of a case that goes on in this one belongs to it
            events += await api.model.ask(case_queries.telling(link.case_id, TOLD, NOTES_SHOWN))
    view = track_view(found, sight, events)
    if sight is Sight.WORK:
        view = view.model_copy(update={"workshops": await api.model.ask(workshops_with(track_id))})
    response.headers["ETag"] = etag(view.version)
    return view


async def note(  # noqa: PLR0917 - FastAPI fills them by name
    api: TheApi,
    voice: Speaker,
    track_id: str,
    said: Annotated[TrackNote, Depends(body_of(TrackNote))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Adds a note from my track; sealed, it is shown to my pillar only. Psychological notes are always sealed.

    With a `milestone` (`funds_stop_call`, `first_takedown_request`, ...) it also says that this promise of the track is kept.
    """
    found = await _track(api, track_id)
    if not owns(found, voice):
        raise Problem(Code.NOT_FOUND)
    own_id = command_id(api, voice.actor, idempotency_key, "note", track_id)
    return await _note(api, found, said, actor=voice.actor, own_id=own_id)


async def _note(api: Api, found: TrackFound, said: TrackNote, *, actor: Actor, own_id: str) -> Response:
    command = CaseNote(
        command_id=own_id,
        actor=actor,
        received_at=api.now(),
        household_id=found.case.household_id,
        case_id=found.case.case_id,
        pillar=sealed_to(track_of(found).pillar, sealed=said.sealed),
        track_id=found.track_id,
        milestone=said.milestone,
        personal=NotePersonal(text=said.text),
    )
    send = case_command("note", command, found.case.household_id)
    return await answered(api, command, send, body=said, status=201)


def _work_with(verb: str, asked: type[Said]) -> Callable[..., Awaitable[Response]]:
    async def work(  # noqa: PLR0917 - FastAPI fills them by name
        api: TheApi,
        voice: Speaker,
        track_id: str,
        said: Annotated[Said, Depends(body_of(asked, optional=issubclass(asked, Work)))],
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        found = await _track(api, track_id)
        own_id = command_id(api, voice.actor, idempotency_key, verb, track_id)
        who = hands_on(found, voice)
        if who is None and await api.notebook.took_from(own_id, voice.actor.id):
            who = voice.actor.id  # said before, when it was theirs: the same call has the same answer
        if found.desk is None or who is None:
            raise Problem(Code.NOT_FOUND)
        if isinstance(said, GivenBack) and said.note is not None and owns(found, voice):
            # First, so that whoever is asked next finds it; a retry says it once, and kept without the hand-over it harms nobody.
            note = TrackNote(text=said.note, sealed=True)
            await _note(api, found, note, actor=voice.actor, own_id=ids.derived("note", own_id))
        command = _command(said, found.desk.dispatch, who, command_id=own_id, actor=voice.actor, received_at=api.now())
        send = desk_command(verb, command, key=track_id)
        return await answered(api, command, send, body=said)

    work.__doc__ = WORK[verb][1]
    return work


def _command(said: Said, dispatch: DispatchTaken, who: str, **about: Any) -> TrackCommand:
    return TrackCommand(
        **about,
        desk_id=dispatch.desk_id,
        responder_id=who,
        track_id=dispatch.track_id,
        result=said.result,
        next_contact_at=said.next_contact_at,
    )


async def _track(api: Api, track_id: str) -> TrackFound:
    found = await api.model.ask(queries.track(track_id))
    if found is None:
        raise Problem(Code.NOT_FOUND)
    return found
