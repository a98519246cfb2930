"""Reports as senders may write them: every answer the catalogue knows, in its type or not, and words nobody has heard of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.catalogue import Catalogue
from schemas.catalogue.asked import AnswerType, Asked
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Signal
from services.rules.asked_of_coverage import asked
from services.rules.coverage import Coverage, decide
from tests.shipped import CATALOGUE

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
INCIDENTS = CATALOGUE.incidents
STRANGE = "never_heard_of"
CODES = st.sampled_from([*INCIDENTS.codes, STRANGE])
SIGNALS = st.sampled_from([*(str(signal) for signal in Signal), STRANGE])
INSTANTS = st.integers(-15 * 24, 8 * 24).map(
    lambda hours: (NOW + timedelta(hours=hours)).isoformat()
) | st.sampled_from(["tonight", "2026-06-01T20:00:00", "9999-12-31T23:59:59Z"])
ANYTHING = st.booleans() | st.integers(0, 5) | st.sampled_from([STRANGE, "Yes", "true", "shown at school"])
FIELDS = {name: asked for name, asked in INCIDENTS.always.items() if asked.type is not AnswerType.PERSONAL}
FACTS = {name: asked for name, asked in INCIDENTS.facts.items() if asked.type is not AnswerType.PERSONAL}


def said_as(asked: Asked) -> st.SearchStrategy[Any]:
    """An answer of the declared type."""
    match asked.type:
        case AnswerType.BOOLEAN:
            return st.booleans()
        case AnswerType.NUMBER:
            return st.integers(0, 10) | st.integers(0, 200)
        case AnswerType.MONEY:
            return st.integers(0, 2_000_000)
        case AnswerType.INSTANT:
            return INSTANTS
        case AnswerType.CODES:
            return st.lists(st.just("police"), max_size=2)
        case _:
            return st.sampled_from([*(asked.values or ("parent", "victim")), STRANGE])


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    """Extra facts: mostly in their type, sometimes not, now and then one nobody declared."""
    names = draw(st.lists(st.sampled_from([*FACTS, STRANGE]), max_size=5, unique=True))
    found = {}
    for name in names:
        right = said_as(FACTS[name]) if name in FACTS else ANYTHING
        found[name] = draw(right | ANYTHING | st.none())
    return found


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """A report's JSON that every door accepts."""
    body: dict[str, Any] = {"code": draw(st.none() | CODES), "secondary_codes": draw(st.lists(CODES, max_size=3))}
    body |= {"signals": draw(st.just([]) | st.lists(SIGNALS, max_size=3)), "facts": draw(facts())}
    for name in draw(st.lists(st.sampled_from(list(FIELDS)), max_size=5, unique=True)):
        body[name] = draw(st.integers(0, 10) if name == "wellbeing_0_10" else said_as(FIELDS[name]))
    if draw(st.booleans()):
        body["currency"] = draw(st.sampled_from(["EUR", "USD"]))
    if draw(st.integers(0, 5)) == 0:
        body["personal"] = {"content_urls": ["https://a.example/1"]}
    return body


def cover(household: HouseholdBody | None, facts: ReportBody, *, catalogue: Catalogue, **case: Any) -> Coverage:
    """The coverage of one case, from what is known of it."""
    return decide(asked(household, facts, catalogue=catalogue, **case), catalogue)
