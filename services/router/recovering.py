"""What changes for a case when coverage is decided again: its household became known, its band rose, a question was answered?"""

from dataclasses import dataclass

from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.words import Pillar
from services.rules.asked_of_coverage import Asked
from services.rules.coverage import Coverage, decide
from services.rules.lifecycle import NOT_WANTED, REFERRED, UNOWNED


@dataclass(frozen=True, slots=True)
class Recovered:
    """`fields` are the case's new ones; `tracks` every track with its services, in the state it was. `covered` go to their desks
    now, `added` have no track yet, `not_covered` are served by others from now on: help that somebody gives is never taken away."""

    coverage: Coverage
    fields: dict[str, object]
    tracks: tuple[Track, ...]
    lead: Pillar
    covered: tuple[Pillar, ...]
    added: tuple[Pillar, ...]
    not_covered: tuple[Pillar, ...]


def recover(case: CaseRecord, question: Asked, catalogue: Catalogue) -> Recovered:
    """Coverage decided again for an open case. The safety floor stays: it never depended on the household."""
    coverage = decide(question, catalogue)
    referred = {track.pillar for track in case.tracks if track.state is REFERRED}
    taken = {track.pillar for track in case.tracks if track.state not in (*UNOWNED, *NOT_WANTED)}
    untaken = {track.pillar for track in case.tracks if track.state in UNOWNED}
    open_pillars = coverage.open_pillars
    fields: dict[str, object] = {
        "member": coverage.member,
        "programme": coverage.programme,
        "programme_version": coverage.version,
        "granted": coverage.granted(),
        "public_path": coverage.public_path,
    }
    return Recovered(
        coverage=coverage,
        fields=fields,
        tracks=tuple(_with_services(track, coverage, taken=track.pillar in taken) for track in case.tracks),
        lead=next((track.pillar for track in case.tracks if track.lead and track.pillar in taken), open_pillars[0]),
        covered=tuple(one for one in open_pillars if one in referred),
        added=tuple(one for one in open_pillars if one not in referred | taken | untaken),
        not_covered=tuple(one for one in Pillar if one in untaken and one not in open_pillars),
    )


def _with_services(track: Track, coverage: Coverage, *, taken: bool) -> Track:
    kept = track.services if taken else ()
    return track.model_copy(update={"services": tuple(dict.fromkeys((*kept, *coverage.services_of(track.pillar))))})
