"""What people outside the desks do: they report, write households down, and ask something of a case. Each act makes one call."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from schemas import topics
from schemas.active_release import CHOICE_KEY, CatalogueChoose
from schemas.campaigns import Campaign
from schemas.words import Pillar
from services.rules import ids
from services.runtime.partitioning import partition_of
from tests.simulation.crowd import Call, Crowd
from tests.simulation.releases import otherwise

SIGNALS = (
    "self_harm", "minor", "physical_danger", "address_exposed", "attacker_deadline", "money_leaving", "same_roof_offender",
    "child_sexual_content", "something_new",
)  # fmt: skip
PROGRAMMES = ("proximus_cyber_care", "axa_cyber_risks", "luko_cyber", "alan_premium", "of_another_release")
GARBAGE = (
    b"{",
    b"\xff\xfe",
    b"[]",
    b'{"code": "threat", "code": "phishing"}',
    b"",
    b'{"signals": "self_harm"}',
    b"null",
)
OWN_TOPICS = (
    "incidents",
    "incidents.p0",
    "commands",
    "progress",
    "dispatch.technical",
    "commands.legal",
    "dispatch.legal.p0",
)


def said(crowd: Crowd) -> dict[str, Any]:
    """What somebody reports: any code, now and then a signal, a member's household, a stranger's or none."""
    dice = crowd.dice
    body: dict[str, Any] = {"code": dice.choice([*crowd.catalogue.incidents.codes, "a_code_nobody_knows"])}
    if dice.random() < 0.3:
        body["signals"] = sorted({dice.choice(SIGNALS) for _ in range(dice.choice((1, 1, 2)))})
    if dice.random() < 0.3:
        body["country"] = dice.choice(("FR", "BE", "DE"))
    if dice.random() < 0.2:
        body["language"] = dice.choice(("fr", "nl", "de", "en"))
    if dice.random() < 0.1:
        body["victim_age_band"] = dice.choice(("under_15", "15_17", "adult"))
    if dice.random() < 0.1:
        hours = dice.choice((1, 30, 71, 300))
        body["deadline_at"] = (crowd.scheduler.now() + timedelta(hours=hours)).isoformat()
    if dice.random() < 0.1:
        body["happened_at"] = dice.choice(("1970-01-01T00:00:00Z", "9999-12-31T23:59:59+23:59", "2026-02-29T10:00:00"))
    if dice.random() < 0.3:
        body["personal"] = {"free_text": "somebody has my account"}
    return body


def agent_reports(crowd: Crowd) -> Call:
    """A call-centre agent sends a report; now and then under a key used before, with another body."""
    dice, body = crowd.dice, said(crowd)
    if crowd.keys and dice.random() < 0.03:
        key = dice.choice(list(crowd.keys))
        return crowd.agent_reports(body | crowd.keys[key], key)
    household = ids.household_id("simulated", dice.choice(crowd.households))
    chosen = {"household_id": household} if dice.random() < 0.7 else {}
    key = f"r{crowd.number()}"
    crowd.keys[key] = chosen
    campaign = Campaign(campaign_id=f"campaign-{dice.randrange(3)}") if dice.random() < 0.1 else None
    return crowd.agent_reports(body | chosen, key, campaign)


def partner_reports(crowd: Crowd) -> Call | None:
    """A partner sends one on its ordinary topic, whatever it says, or on its P0 topic."""
    if not crowd.partners:
        return None
    body = said(crowd)
    if crowd.dice.random() < 0.7:
        body["household_reference"] = crowd.dice.choice(crowd.households)
    partner = crowd.dice.choice(crowd.partners)
    return crowd.partner_reports(partner, body, f"p{crowd.number()}", urgent=crowd.dice.random() < 0.2)


def garbage(crowd: Crowd) -> Call | None:
    """A partner, or a replay gone wrong, puts something on a topic that nobody can read."""
    dice, doors = crowd.dice, [topic.name for partner in crowd.partners for topic in list(topics.partner(partner))[:3]]
    if dice.random() >= crowd.wires.plan.garbage_p:
        return None
    topic = dice.choice([*doors, *OWN_TOPICS])
    headers = (("ce_id", b"1"), ("ce_source", b"urn:partner:somebody:else")) if dice.random() < 0.5 else ()
    return crowd.garbage(topic, dice.choice(GARBAGE), headers)


def household(crowd: Crowd) -> dict[str, Any]:
    """What a household holds; it may have lapsed."""
    dice = crowd.dice
    holding = {"programme": dice.choice(PROGRAMMES), "valid_from": "2020-01-01"}
    if dice.random() < 0.3:
        holding["valid_to"] = "2022-12-31"
    return {"country": dice.choice(("FR", "BE")), "language": "fr", "holdings": [holding]}


def puts_household(crowd: Crowd) -> Call:
    """An agent writes down what a household holds."""
    named = ids.household_id("simulated", crowd.dice.choice(crowd.households))
    return crowd.case_command("household_put", named, body=household(crowd))


def partner_puts_household(crowd: Crowd) -> Call | None:
    """A partner does."""
    if not crowd.partners:
        return None
    snapshot = household(crowd) | {"reference": crowd.dice.choice(crowd.households)}
    return crowd.partner_tells(crowd.dice.choice(crowd.partners), snapshot)


def on_case(verb: str, fields: Callable[[Crowd], dict[str, Any]] = lambda _: {}) -> Callable[[Crowd], Call | None]:
    """A row for a command on some case."""

    def act(crowd: Crowd) -> Call | None:
        case = crowd.case()
        if case is None:
            return None
        return crowd.case_command(verb, case["household_id"], case_id=case["case_id"], **fields(crowd))

    return act


def acknowledges_some(crowd: Crowd) -> Call | None:
    """Somebody paged says so."""
    if not crowd.ledger.pages:
        return None
    return acknowledges(crowd, crowd.dice.choice(list(crowd.ledger.pages)))


def acknowledges(crowd: Crowd, page: str) -> Call:
    """A page is acknowledged."""
    return crowd.case_command("acknowledge", crowd.ledger.pages[page], page_id=page)


def dead_man(crowd: Crowd) -> Call | None:
    """Intake paged by itself about some track's lead and records it under the id the router derives."""
    case = crowd.case()
    if case is None:
        return None
    track = case["tracks"][0]
    page, recipient = ids.page_id(track["track_id"], "acknowledge"), f"post:duty-lead-{track['desk_id']}"
    return crowd.case_command(
        "page", case["household_id"], command_id=ids.derived("page-command", page), answer=False, page_id=page,
        case_id=case["case_id"], track_id=track["track_id"], recipient=recipient, reason="no_offer",
    )  # fmt: skip


def seen(crowd: Crowd, case: dict[str, Any]) -> dict[str, Any]:
    """The version its author saw, when they say so."""
    return {"expected_version": case["version"]} if crowd.dice.random() < 0.5 else {}


def two_cases(verb: str, fields: Callable[[Crowd, dict[str, Any]], dict[str, Any]]) -> Callable[[Crowd], Call | None]:
    """A row for a command on two cases, most of them of one household."""

    def act(crowd: Crowd) -> Call | None:
        case = crowd.case()
        if case is None:
            return None
        others = [one for one in crowd.ledger.cases.values() if one["household_id"] == case["household_id"]]
        other = crowd.dice.choice(others if crowd.dice.random() < 0.9 else list(crowd.ledger.cases.values()))
        return crowd.case_command(
            verb, case["household_id"], case_id=case["case_id"], **fields(crowd, other), **seen(crowd, case)
        )

    return act


def merging(_: Crowd, other: dict[str, Any]) -> dict[str, Any]:
    """Into another case."""
    return {"into_case_id": other["case_id"], "into_household_id": other["household_id"], "reason": "same"}


def linking(crowd: Crowd, other: dict[str, Any]) -> dict[str, Any]:
    """With another case."""
    kind = crowd.dice.choice(("related", "opposite_sides", "opposite_sides"))
    return {
        "other_case_id": other["case_id"],
        "other_household_id": other["household_id"],
        "kind": kind,
        "reason": "told",
    }


def becomes_known(crowd: Crowd) -> dict[str, Any]:
    """Facts, a signal closed, help declined."""
    dice = crowd.dice
    found: dict[str, Any] = {"facts": {name: value for name, value in said(crowd).items() if name != "personal"}}
    if dice.random() < 0.2:
        found |= {"closed_signals": [dice.choice(SIGNALS[:8])], "reason": "asked"}
    if dice.random() < 0.2:
        found |= {"declined": [dice.choice(list(Pillar))], "reason": "not_wanted"}
    return found


def splits(crowd: Crowd) -> Call | None:
    """Part of a case is another problem: one of its further codes, or one it has not."""
    case = crowd.case()
    if case is None:
        return None
    codes = case.get("secondary_codes") or list(crowd.catalogue.incidents.codes)
    said = {"code": crowd.dice.choice(codes), "reason": "another"}
    return crowd.case_command("split", case["household_id"], case_id=case["case_id"], **said)


def chooses_release(crowd: Crowd) -> Call:
    """A supervisor makes a release the active one, or one nobody has."""
    counts = crowd.wires.log.counts
    release = crowd.dice.choice((crowd.catalogue.version, otherwise().version, "0123456789abcdef"))
    reached = {"household_keys": reaching(counts["commands"]), "desk_keys": reaching(counts["commands.legal"])}
    said = {"release": release, **reached, "partition_by": CHOICE_KEY}
    return crowd.command(topics.COMMANDS, CatalogueChoose, "catalogue_choose", said)


def reaching(count: int) -> tuple[str, ...]:
    """Keys that reach every partition."""
    found = {partition_of(key, count): key for key in (f"partition-{number}" for number in range(100))}
    return tuple(found[number] for number in range(count))
