"""What does an explanation say, in words? For agents and supervisors, in English like every name in it."""

from collections.abc import Callable, Mapping

from schemas.base import Explanation

Inputs = Mapping[str, str]

RULES = {  # DOMAIN section 3; what a code's own rules are about, their names say
    "R1": "a suicidal signal",
    "R2": "a minor",
    "R3": "somebody is in physical danger",
    "R4": "the address or routine is exposed",
    "R5": "the attacker's deadline is close",
    "R6": "money was sent lately, or is leaving",
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
MATCHING = {"longest_idle": "the longest idle of those who may take it was asked", "nobody": "nobody can be asked now"}


def in_words(why: Explanation) -> str:
    """One or two sentences; for a rule nobody gave words to, its name."""
    family, _, rule = why.rule.partition(":")
    words = _WORDS.get(family)
    return why.rule if words is None else words(rule, why.inputs)


def _triage(rule: str, said: Inputs) -> str:
    raised = [_named(one) for one in rule.split("+") if not one.endswith(".base")]
    because = f"; what raises it: {', '.join(raised)}" if raised else ""
    return f"{said.get('band', 'Its band')}: {said.get('code')} alone is {said.get('base')}{because}."


def _named(rule: str) -> str:
    head, _, detail = rule.partition(".")
    if head not in RULES:
        return rule.replace("_", " ")
    return f"{RULES[head]} ({rule})" if detail else f"{RULES[head]} ({head})"


def _coverage(rule: str, said: Inputs) -> str:
    aside, pilot = said.get("set_aside"), said.get("pilot")
    words = f"Covered as {rule}: {COVERAGE.get(rule, rule)}."
    return words + (f" Set aside: {aside}." if aside else "") + (f" Pilot: {pilot}." if pilot else "")


def _routing(_: str, said: Inputs) -> str:
    support = said.get("support") or "nobody"
    referred = said.get("referred")
    left = f" Others help with: {referred}." if referred else ""
    return f"{said.get('lead', '').capitalize()} leads, supported by {support}, because of {said.get('code')}.{left}"


def _promises(rule: str, said: Inputs) -> str:
    lead = "lead " if said.get("lead") == "True" else ""
    what = f"The promises of a {lead}{said.get('pillar')} track in {said.get('band')} at {said.get('desk')}"
    if rule == "policy":
        return f"{what}."
    return f"{what}, cut to {said.get('cut_at')} because the attacker set a deadline."


def _detection(_: str, said: Inputs) -> str:
    seen = ", ".join(f"{signal} by {rules}" for signal, rules in said.items())
    return f"Nobody named it, the free text seems to say it: {seen}."


def _duplicate(rule: str, said: Inputs) -> str:
    found = {
        "attached": f"a further report of case {said.get('attached_to')}",
        "related": "another problem that has to do with one we know",
        "none": "nothing the household told us before",
    }
    return f"It is {found.get(rule, rule)}."


_WORDS: dict[str, Callable[[str, Inputs], str]] = {
    "triage": _triage,
    "retriage": _triage,
    "coverage": _coverage,
    "pillars": _routing,
    "clocks": _promises,
    "detection": _detection,
    "duplicate": _duplicate,
    "matching": lambda rule, _: MATCHING.get(rule, rule).capitalize() + ".",
    "opposite_sides": lambda *_: "Somebody of the household may be on the other side: another team, no shared view.",
}
