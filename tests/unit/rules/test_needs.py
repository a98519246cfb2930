"""What a desk asks of whoever takes a track, told by the dispatch alone."""

from datetime import UTC, datetime

import pytest

from schemas.dispatch import DispatchTaken
from schemas.words import Band, Clearance, Pillar, Signal
from services.rules.needs import needs_of
from tests.shipped import CATALOGUE

NOW = datetime(2026, 3, 20, 21, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("signals", "covert", "expected"),
    [
        ((), False, ()),
        ((), True, (Clearance.RESTRICTED,)),
        ((Signal.SAME_ROOF_OFFENDER,), False, (Clearance.RESTRICTED,)),
        ((Signal.SAME_ROOF_OFFENDER, Signal.MINOR), True, (Clearance.MINORS, Clearance.RESTRICTED)),
    ],
)
def test_an_offender_at_home_is_kept_from_who_is_not_cleared_also_when_nobody_said_covert(
    signals: tuple[Signal, ...], *, covert: bool, expected: tuple[Clearance, ...]
) -> None:
    taken = DispatchTaken(
        track_id="t",
        case_id="c",
        household_id="h",
        desk_id="legal-fr",
        pillar=Pillar.LEGAL,
        band=Band.P2,
        epoch=1,
        lead=True,
        code="threat",
        signals=signals,
        covert=covert,
        received_at=NOW,
        acknowledge_by=NOW,
        catalogue=CATALOGUE.version,
    )
    assert needs_of(taken, 0, CATALOGUE).clearances == expected
