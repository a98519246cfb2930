"""What does an explanation say, in words? For agents and supervisors, in English like every name in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from services.rules.again import Fact, running
from services.rules.answers import UNREAD
from services.rules.asked_of_triage import read_question
from services.rules.set_aside import counted
from services.rules.triage import demanded

Inputs = Mapping[str, str]
NO_FACT: Fact = {}
RULES = {  # DOMAIN section 3; what a code's own rules are about, their names say
    "R1": "a suicidal signal",
    "R2": "a minor",
    "R3": "somebody is in physical danger",
    "R4": "the address or routine is exposed",
    "R5": "the attacker's deadline is close",
    "R5.unread": "the attacker set a deadline and nobody can read or tell when, which counts as close",
    "R6": "money was sent lately, or is leaving",
    "R6.unread": "money was sent and nobody can read when, which counts as today",
    "R6.undated": "money was sent and nobody told when, which counts as lately",
    "R7": "intimate content is public",
    "R8": "an essential service has stopped",
    "R9": "the offender is known and near",
    "R10": "the victim is vulnerable",
}
COVERAGE = {
    "member": "a programme of the household covers it",
    "fails_open": "nothing covers it, and a P0 is helped by everybody whatever the contract says",
    "not_placed": "nobody knows the household yet, so it is helped as if it were covered",
    "advised": "its funding is refused, and it is advised all the same",
    "safety_floor": "nothing covers it, and a safety signal is helped whatever the contract says",
    "not_for_this": "what the household holds does not cover this",
    "public_path": "the household holds nothing in force: the public path, and one of ours to take the call",
}
DUPLICATES = {
    "related": "another problem that has to do with one we know",
    "none": "nothing the household told us before",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What an explanation is put into words from; `aside` is what was set aside, already in words."""

    inputs: Inputs
    told: Fact
    catalogue: Catalogue | None
    aside: str


PREFERRED = {
    "only": "The only one who may take it was asked",
    "language": "Whoever speaks the victim's language was asked first",
    "undisturbed": "Whoever is interrupted by nothing was asked first",
    "familiar": "Whom the victim knows was asked first",
    "reserve_kept": "Whoever has room without what is kept for the next P0 was asked first",
    "nothing_set_aside": "Whoever has to set nothing aside was asked first",
    "skill": "The most skilled was asked first",
    "load": "The least loaded was asked first",
    "name": "One of those who are alike was asked first",
}


def in_words(why: Explanation, told: Fact = NO_FACT, catalogue: Catalogue | None = None) -> str:
    """One to four sentences; its name for a rule nobody gave words to, or whose inputs nobody can read.

    `told` is the fact that carries `why`, `catalogue` the release it names, if at hand: without them less can be said.
    """
    family, _, rule = why.rule.partition(":")
    words = _WORDS.get(family)
    if words is None:
        return why.rule
    aside = counted(why.rejected)
    try:
        said = words(rule, Said(why.inputs, told, catalogue, aside))
    except (ValueError, LookupError, TypeError):
        return why.rule
    return said if not aside or family == "matching" else f"{said} Set aside: {aside}."


def _triage(rule: str, said: Said) -> str:
    named = rule.split("+")
    code, band = said.inputs.get("code", ""), said.inputs.get("band", "Its band")
    others = [one.removesuffix(".base") for one in named if one.endswith(".base") and one != f"{code}.base"]
    alone = [f"{code} alone is {said.inputs.get('base')}", *(_alone(one, said.catalogue) for one in others)]
    raised = [_named(one) for one in named if one and not one.endswith(".base")]
    because = f"; what raises it: {', '.join(raised)}" if raised else ""
    return " ".join([f"{band}: {', '.join(alone)}{because}.", *_weighed_anew(said)])


def _alone(code: str, catalogue: Catalogue | None) -> str:
    known = catalogue.incidents.codes.get(code) if catalogue else None
    return f"{code} alone is {known.base}" if known else f"{code} counts too"


def _named(rule: str) -> str:
    words = RULES.get(rule) or RULES.get(rule.partition(".")[0])
    return f"{words} ({rule})" if words else rule.replace("_", " ")


def _weighed_anew(said: Said) -> Iterator[str]:
    """What the rules that hold do not say: an answer nobody could read is none that somebody gave, and no machine lowers a band."""
    if said.catalogue is None or "asked" not in said.inputs:
        return
    incidents = said.catalogue.incidents
    question = read_question(said.inputs["asked"], incidents)
    names = [name for name, answer in question.answers.items() if answer is UNREAD]
    if names:
        yield f"Nobody can read what was answered to {', '.join(names)}: that counts as the worst answer."
    asked_for = demanded(question, incidents)
    if question.before is not None and question.before.rank < asked_for.rank:
        yield f"What is known now asks for {asked_for}; it stays {question.before}, because machines only raise."


def _coverage(rule: str, said: Said) -> str:
    named, pilot = said.inputs.get("set_aside"), said.inputs.get("pilot")
    words = f"Covered as {rule}: {COVERAGE.get(rule, rule)}."
    return words + (f" Looked at: {named}." if named else "") + (f" Pilot: {pilot}." if pilot else "")


def _routing(_: str, said: Said) -> str:
    referred = _list(said.inputs.get("referred"))
    ours = [one for one in _list(said.inputs.get("support")) if one not in referred]
    lead = said.inputs.get("lead", "")
    leads = f"{lead.capitalize()} leads" if lead not in referred else f"{lead.capitalize()} would lead"
    left = f" Others help with: {', '.join(referred)}." if referred else ""
    return f"{leads}, supported by {', '.join(ours) or 'nobody'}, because of {said.inputs.get('code')}.{left}"


def _list(names: str | None) -> list[str]:
    return [one for one in (names or "").split(",") if one]


def _promises(rule: str, said: Said) -> str:
    given = said.inputs
    lead = "lead " if given.get("lead") == "True" else ""
    what = f"The promises of a {lead}{given.get('pillar')} track in {given.get('band')} at {given.get('desk')}"
    runs = [_promise(name, by, given) for name, by in running(said.told) if name in _list(given.get("runs"))]
    what += f": {', '.join(runs)}" if runs else ""
    return f"{what}." if rule == "policy" else f"{what}; cut to {_cut(given)} because the attacker set a deadline."


def _promise(name: str, by: datetime, given: Inputs) -> str:
    since = datetime.fromisoformat(given.get(f"since.{name}", given["since"]))
    return f"{name} by {instant(by, since)} ({span(by - since)})"


def _cut(given: Inputs) -> str:
    return instant(datetime.fromisoformat(given["cut_at"]), datetime.fromisoformat(given["since"]))


def instant(at: datetime, since: datetime | None = None) -> str:
    """In UTC, with its day unless that is the day of `since`."""
    at = at.astimezone(UTC)
    same_day = since is not None and at.date() == since.astimezone(UTC).date()
    return f"{at:%H:%M:%S} UTC" if same_day else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def span(length: timedelta) -> str:
    """How long, in the two largest units that are not zero: `2 min`, `1 h 30 min`, `14 d`."""
    left, parts = max(0, round(length.total_seconds())), list[str]()
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, left = divmod(left, seconds)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _detection(_: str, said: Said) -> str:
    seen = ", ".join(f"{signal} by {rules}" for signal, rules in said.inputs.items())
    return f"Nobody named it, the free text seems to say it: {seen}."


def _duplicate(rule: str, said: Said) -> str:
    attached = f"a further report of case {said.inputs.get('attached_to')}"
    return f"It is {attached if rule == 'attached' else DUPLICATES.get(rule, rule)}."


def _matching(rule: str, said: Said) -> str:
    because = f": {said.aside}" if said.aside else ""
    if rule == "nobody":
        return f"Nobody can be asked now{because or ': the desk has nobody on its roster'}."
    others = f"; not asked{because}" if because else ""
    wider = f", at step {step} of the search" if (step := said.inputs.get("step")) else ""
    first = PREFERRED.get(rule, "The longest idle of those who may take it was asked first")
    return f"{first}{wider}{others}."


_WORDS: dict[str, Callable[[str, Said], str]] = {
    "triage": _triage,
    "retriage": _triage,
    "coverage": _coverage,
    "pillars": _routing,
    "clocks": _promises,
    "detection": _detection,
    "duplicate": _duplicate,
    "matching": _matching,
    "opposite_sides": lambda *_: "Somebody of the household may be on the other side: another team, no shared view.",
}
