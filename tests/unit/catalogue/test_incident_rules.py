"""A raising rule can only say what the catalogue can keep: anything else is refused by file, path and rule."""

from typing import Any

import pytest

from schemas.catalogue import CatalogueError
from tests.shipped import CATALOGUE
from tests.unit.catalogue.folders import Change, with_change

SHIPPED = CATALOGUE.incidents


def refusal(change: Change) -> str:
    """Why the shipped catalogue is refused after this change to its incidents."""
    with pytest.raises(CatalogueError) as refused:
        with_change("incidents", change)
    return str(refused.value)


def rule(**parts: Any) -> Change:
    """One more rule of `threat`."""
    return lambda it: it["codes"]["threat"]["raises"].append({"rule": "new", "source": "D"} | parts)


def when(name: str, **test: Any) -> Change:
    return rule(when={name: test}, to="P0")


WRONG: list[tuple[str, Change, str]] = [
    ("an answer nobody asks", when("weapn", **{"is": True}), "codes/threat/raises: new: weapn: no such answer"),
    ("an answer on no list", when("spread", any_of=["shared"]), "codes/threat/raises: new: spread: no such answer: shared"),
    ("an answer twice", when("spread", any_of=["shown", "shown"]), "new: spread: any_of names an answer twice"),
    ("words for a number", when("authors", any_of=["many"]), "new: authors: any_of of a number lists whole numbers"),
    ("any of a boolean", when("weapon", any_of=["yes"]), "new: weapon: any_of lists codes, or whole numbers"),
    ("numbers for a code", when("spread", any_of=[1]), "new: spread: any_of lists codes, or whole numbers"),
    ("a number that is true", when("authors", **{"is": True}), "new: authors: only a boolean is true or false"),
    ("a boolean over a number", when("weapon", over=1), "new: weapon: a number is over a whole number"),
    ("a number over a duration", when("authors", over="2 d"), "new: authors: a number is over a whole number"),
    ("an instant over a number", when("since", over=2), "new: since: a number is over a whole number, an instant over a duration"),
    ("two tests at once", when("weapon", present=True, **{"is": True}), "a condition is exactly one of"),
    ("no test at all", when("weapon"), "a condition is exactly one of"),
    ("a test nobody knows", when("weapon", unless=True), "when/weapon/unless: "),
    ("a rule that does nothing", rule(when={"weapon": {"is": True}}), "new: the rule does nothing"),
    ("a code nobody knows", rule(becomes="murder"), "codes/threat/raises: new: no such code: murder"),
    ("two codes at once", rule(becomes="doxxing", also="malware"), "new: a rule converts to one code"),
    ("a name taken", rule(rule="means", to="P0"), "codes/threat/raises: means: the name is taken"),
    ("a band nobody knows", rule(to="P9"), "codes/threat/raises/4/to: "),
    ("a source nobody knows", rule(to="P0", source="hearsay"), "codes/threat/raises/4/source: "),
    (
        "a rule for all codes that says what one becomes",
        lambda it: it["everywhere"].append({"rule": "new", "becomes": "doxxing", "source": "D"}),
        "everywhere: new: only a rule of one code says what it becomes",
    ),
    ("a signal left out", lambda it: it["signals"].pop("minor"), "signals: minor is missing"),
    ("a signal that nobody may close", lambda it: it["signals"]["minor"].update(closed_by=[]), "signals/minor/closed_by: "),
    ("a code for nothing else left out", lambda it: it["codes"].pop("unclassified_suspicion"), "unclassified_suspicion is missing"),
    ("an answer that is no field", lambda it: it["always"].update(mood=it["facts"]["tier"]), "always/mood: a report has no such field"),
    ("a field among the facts", lambda it: it["facts"].update(country=it["facts"]["tier"]), "facts/country: a field of every report"),
    ("a field the rules need", lambda it: it["always"].pop("paid_at"), "always: paid_at is missing"),
    ("values of a number", lambda it: it["facts"]["authors"].update(values=["one"]), "facts/authors: only a code has values"),
    ("a value twice", lambda it: it["facts"]["spread"]["values"].append("shown"), "facts/spread: values names one twice"),
    ("a question nobody declared", lambda it: it["codes"]["threat"]["ask"].append("mood"), "codes/threat: ask: no such answer: mood"),
    ("a lead that supports", lambda it: it["codes"]["threat"]["support"].append("legal"), "codes/threat: support: legal leads already"),
    ("a kind twice", lambda it: it["codes"]["threat"]["kinds"].append("threat"), "codes/threat: kinds: something is named twice"),
    ("hours the wrong way round", lambda it: it["deadlines"].update(P0="99 h"), "deadlines: P0 is closer than P1"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_named_by_file_path_and_rule(change: Change, told: str) -> None:
    refused = refusal(change)
    assert refused.startswith("incidents.yaml: ")
    assert told in refused


def test_every_figure_says_where_it_comes_from_and_whether_somebody_checked_it() -> None:
    rules = [*SHIPPED.everywhere, *(one for code in SHIPPED.codes.values() for one in code.raises)]
    rows = [SHIPPED.deadlines, SHIPPED.payments, SHIPPED.unknown, *SHIPPED.signals.values(), *rules]
    rows += [*SHIPPED.answers.values(), *SHIPPED.codes.values()]
    assert {one.verified for one in rows if one.source in {"D", "P", "K", "S1"}} == {False}
    assert all(one.source for one in rows)
