"""Every state record by the name topics use for it: the records beside `schemas.messages.MESSAGES`."""

from pydantic import BaseModel

from schemas.active_release import ActiveReleaseRecord, ReleaseChoiceRecord
from schemas.campaigns import CampaignMemberRecord, CampaignRecord
from schemas.cases import CaseRecord
from schemas.desk_records import (
    DeskBooksRecord,
    DeskStateRecord,
    DeskTrackRecord,
    DrillRecord,
    DrillRowRecord,
    ResponderRecord,
)
from schemas.gaps import GapRecord
from schemas.households import HouseholdRecord
from schemas.positions import PositionsRecord
from schemas.rotas import RotaLookRecord, RotaRecord
from schemas.router_records import (
    AnsweredRecord,
    BooksRecord,
    PagedRecord,
    PageGroupRecord,
    PageWindowRecord,
    SeenRecord,
)
from schemas.workshops import WorkshopRecord

RECORDS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        ActiveReleaseRecord,
        AnsweredRecord,
        BooksRecord,
        CampaignMemberRecord,
        CampaignRecord,
        CaseRecord,
        DeskBooksRecord,
        DeskStateRecord,
        DeskTrackRecord,
        DrillRecord,
        DrillRowRecord,
        GapRecord,
        HouseholdRecord,
        PageGroupRecord,
        PageWindowRecord,
        PagedRecord,
        PositionsRecord,
        ReleaseChoiceRecord,
        ResponderRecord,
        RotaLookRecord,
        RotaRecord,
        SeenRecord,
        WorkshopRecord,
    )
}
