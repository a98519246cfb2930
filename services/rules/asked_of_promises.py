"""What a track's promises are asked by: nothing else, so that the recorded words of it suffice to ask again."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.cases import CaseRecord, Track
from schemas.words import Band, Pillar


class Asked(NamedTuple):
    """The track that promises. `code` is its case's, `services` are those it may use, `programmes` those that give them, each as
    name and version (`name@1`)."""

    band: Band
    pillar: Pillar
    lead: bool
    desk: str
    code: str = ""
    services: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()

    def told(self) -> dict[str, str]:
        """As an explanation keeps it."""
        said = {
            "band": str(self.band),
            "pillar": str(self.pillar),
            "lead": str(self.lead),
            "desk": self.desk,
            "code": self.code,
            "services": ",".join(self.services),
        }
        return said | {"programmes": ",".join(self.programmes)} if self.programmes else said


def asked(case: CaseRecord, track: Track) -> Asked:
    """Gathers it, under the case's present band."""
    return Asked(
        band=case.band,
        pillar=track.pillar,
        lead=track.lead,
        desk=track.desk_id,
        code=case.code,
        services=track.services,
        programmes=tuple(
            [
                f"{one.programme}@{one.version}"
                for one in case.granted
                if one.programme is not None and any(service in track.services for service in one.services)
            ]
        ),
    )


def read_asked(said: Mapping[str, str]) -> Asked:
    """What `told` wrote. Raises `ValueError` or `LookupError` for anything else."""
    return Asked(
        band=Band(said["band"]),
        pillar=Pillar(said["pillar"]),
        lead=said["lead"] == "True",
        desk=said["desk"],
        code=said.get("code", ""),
        services=_list(said["services"]),
        programmes=_list(said.get("programmes", "")),
    )


def _list(names: str) -> tuple[str, ...]:
    return tuple(one for one in names.split(",") if one)
