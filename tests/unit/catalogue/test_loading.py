"""A catalogue that cannot be used is refused with the file, the path and the rule; one that can has the version of its content."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import HERE, CatalogueError, load
from tests.unit.catalogue.folders import changed, copy_of_catalogue, with_change


def refused(folder: Path) -> str:
    """Why a folder is refused, without the folder's own name."""
    with pytest.raises(CatalogueError) as error:
        load(folder)
    return str(error.value).replace(f"{folder}/", "")


WRONG: list[tuple[str, Callable[[Any], None], str]] = [
    ("sla", lambda sla: sla["matrix"]["P1"].pop("legal"), "sla.yaml: matrix/P1: legal missing"),
    ("sla", lambda sla: sla["offer_window"].pop("P2"), "sla.yaml: offer_window: P2 is missing"),
    ("sla", lambda sla: sla["lead_p0"].update(acknowledge="0 min"), "sla.yaml: lead_p0/acknowledge: "),
    ("sla", lambda sla: sla["lead_p0"].update(acknowledge=2), "sla.yaml: lead_p0/acknowledge: a duration is"),
    ("sla", lambda sla: sla["widening"].update(at_percent=[25, 25]), "sla.yaml: widening: at_percent: "),
    ("sla", lambda sla: sla["widening"]["at_once"].update(P3=4), "sla.yaml: widening: at_once: "),
    ("sla", lambda sla: sla["widening"]["at_once"].pop("P0"), "sla.yaml: widening: at_once: P0 is missing"),
    ("sla", lambda sla: sla.update(warn_at_percent=[80, 50]), "sla.yaml: warn_at_percent: "),
    ("sla", lambda sla: sla["milestones"]["refund_decision"].update(within="1 d"), "sla.yaml: milestones/refund_decision: "),
    ("sla", lambda sla: sla["milestones"]["refund_decision"].update(source="X9"), "sla.yaml: milestones/refund_decision/source: "),
    ("sla", lambda sla: sla.update(invented=1), "sla.yaml: invented: "),
    ("work", lambda work: work["weights"].pop("P3"), "work.yaml: weights: P3 is missing"),
    ("work", lambda work: work["quiet"].pop("P1"), "work.yaml: quiet: P1 is missing"),
    ("work", lambda work: work["cover"].pop("P2"), "work.yaml: cover: P2 is missing"),
    ("work", lambda work: work["reserve"]["sets_aside"].append("P1"), "work.yaml: reserve/sets_aside: what is urgent is never"),
    ("work", lambda work: work["reserve"]["interrupting"].append("P2"), "work.yaml: reserve/interrupting: only for what is urgent"),
    ("work", lambda work: work["search"][0].update(presence=["busy"]), "work.yaml: search: whoever is available is asked from"),
    ("work", lambda work: work["search"][1]["fluency"].remove("native"), "work.yaml: search: each step asks everybody"),
    ("work", lambda work: work["search"][3]["presence"].remove("busy"), "work.yaml: search: each step asks everybody"),
    ("work", lambda work: work["search"][1].update(level=4), "work.yaml: search: each step asks everybody"),
    ("work", lambda work: work["search"][3].update(at_once=1), "work.yaml: search: each step asks everybody"),
    ("desks", lambda desks: desks.update(fallback="zz"), "desks.yaml: fallback: no such region"),
    ("desks", lambda desks: desks["posts"].pop("sink"), "desks.yaml: posts: sink and duty-lead are required"),
    ("desks", lambda desks: desks["regions"]["be"].update(neighbours=["be"]), "desks.yaml: regions/be/neighbours: "),
    ("incidents", lambda incidents: incidents["codes"]["threat"].update(base="P9"), "incidents.yaml: codes/threat/base: "),
    ("incidents", lambda incidents: incidents["codes"].pop("threat"), "threat"),
    ("advice", lambda advice: advice["codes"]["threat"]["refer"].append("nobody"), "advice.yaml: codes/threat/refer: nobody"),
    ("advice", lambda advice: advice["ask"].reverse(), "advice.yaml: ask: the self-harm question comes first"),
    ("advice", lambda advice: advice["skipped_in_p0"].append("self_harm_answer"), "advice.yaml: ask: the self-harm question"),
    ("advice", lambda advice: advice["floor"].pop(), "advice.yaml: floor: every signal once"),
    ("advice", lambda advice: advice.update(first=[]), "advice.yaml: first: the emergency services come first"),
    (
        "advice",
        lambda advice: advice["signals"]["self_harm"].update(refer=["emergency"]),
        "advice.yaml: signals/self_harm/refer: suicide_line is part of the safety floor",
    ),
    ("advice_fr", lambda words: words["codes"]["threat"]["say"].clear(), "advice_fr.yaml: codes/threat/say: "),
    ("advice_nl", lambda words: words["codes"]["threat"]["say"].pop(), "advice_nl.yaml: codes/threat/say: fewer steps"),
    ("advice_de", lambda words: words["ask"].pop("consent"), "advice_de.yaml: ask: consent in one of the files only"),
    ("advice_en", lambda words: words.update(language="fr"), "advice_en.yaml: language: en is what the file is named for"),
    ("referrals", lambda told: told["lines"]["fr_17"].update(contact="police"), "referrals.yaml: lines/fr_17: contact: "),
    ("referrals", lambda told: told["lines"]["fr_17"].pop("contact"), "referrals.yaml: lines/fr_17: contact: "),
    ("referrals", lambda told: told["lines"]["fr_17"]["name"].pop("nl"), "referrals.yaml: lines/fr_17: name: "),
    ("referrals", lambda told: told["lines"].pop("fr_3114"), "referrals.yaml: keys/suicide_line/FR: fr_3114 is no line"),
    (
        "referrals",
        lambda told: told["lines"]["fr_119"].update(always_open=False),
        "referrals.yaml: keys/minors_line/FR: no line of it is always open",
    ),
    (
        "sla",
        lambda sla: sla["milestones"]["funds_stop_call"].update(service="takedown"),
        "sla.yaml: milestones/funds_stop_call: takedown is no service of financial",
    ),
    (
        "programmes",
        lambda told: told["public_path"].update(always_open="nobody"),
        "programmes.yaml: public_path: nobody is no key of referrals",
    ),
    ("skills", lambda skills: skills["skills"]["psy_minors"].update(codes=["ransomware"], signals=[]), "skills.yaml: skills/psy_"),
    ("skills", lambda skills: skills["skills"]["tech_telecom"].update(codes=["defamation_"]), "skills.yaml: skills/tech_telecom"),
    ("skills", lambda skills: skills["stand_in"].update(by="psy_cyber_harassment"), "skills.yaml: stand_in: two different"),
    ("platforms", lambda told: told["kinds"]["scam"]["codes"].append("scam_"), "platforms.yaml: kinds/scam/codes: scam_ is no incident"),
    ("platforms", lambda told: told["kinds"]["scam"]["evidence"].append("hearsay"), "platforms.yaml: kinds/scam/evidence: hearsay is no"),
    ("platforms", lambda told: told["kinds"]["scam"]["name"].pop("de"), "platforms.yaml: kinds/scam/name: one text per language"),
    ("platforms", lambda told: told["kinds"]["scam"]["expected"].pop("said"), "platforms.yaml: kinds/scam/expected/said: "),
    ("platforms", lambda told: told["evidence"].update(wish=told["evidence"]["address"]), "evidence/wish: nothing needs it"),
    ("platforms", lambda told: told["platforms"]["discord"]["routes"]["scam"].update(by="owl"), "discord/routes/scam: no such kind, or"),
    ("platforms", lambda told: told["platforms"]["discord"]["identified_by"].append("dream"), "identified_by: dream is no evidence"),
    ("platforms", lambda told: told["platforms"]["discord"]["aliases"].append("F.B."), "another platform is called fb too"),
    ("platforms", lambda told: told["kinds"]["scam"].update(checked_on="2026-01-01"), "kinds/scam: checked_on: what was checked is"),
    ("prevention_funding", lambda told: told["notes"]["aid"].update(verified=True), "prevention_funding.yaml: notes/aid/verified: "),
    ("prevention_funding", lambda told: told["notes"]["aid"].pop("expires"), "prevention_funding.yaml: notes/aid/expires: "),
    ("prevention_funding", lambda told: told["notes"]["credit"].update(at_least_percent=60), "notes/credit: at_least_percent: less"),
    ("prevention_funding", lambda told: told["notes"]["opco"].update(currency="EUR"), "notes/opco: currency: an amount has one"),
    ("skills", lambda skills: skills["skills"]["tech_telecom"].pop("codes"), "skills.yaml: skills/tech_telecom: a skill that"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "change", "told"), WRONG, ids=[f"{file}:{told[-40:]}" for file, _, told in WRONG])
def test_what_is_wrong_is_named_by_file_path_and_rule(file: str, change: Callable[[Any], None], told: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(told)):
        with_change(file, change)


def test_what_is_wrong_in_a_folder_is_named_with_it(tmp_path: Path) -> None:
    file, change, told = WRONG[0]
    assert told in refused(changed(tmp_path, file, change))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (copy_of_catalogue(tmp_path) / "referrals.yaml").unlink()
    assert refused(tmp_path) == "referrals.yaml: the file is missing"


@pytest.mark.parametrize("text", ["source: [", "source: D\nsource: K", "17: x", "\ttab: x"])
def test_what_is_no_yaml_or_says_a_key_twice_is_refused(tmp_path: Path, text: str) -> None:
    (copy_of_catalogue(tmp_path) / "desks.yaml").write_text(text, "utf-8")
    assert refused(tmp_path).startswith("desks.yaml: not YAML: ")


def test_the_version_is_that_of_the_content_whatever_the_layout(tmp_path: Path) -> None:
    folder = changed(tmp_path, "sla", lambda sla: None)
    assert (folder / "sla.yaml").read_bytes() != (HERE / "sla.yaml").read_bytes()
    assert load(folder).version == load().version


def test_any_other_content_is_another_version(tmp_path: Path) -> None:
    folder = changed(tmp_path, "sla", lambda sla: sla["lead_p0"].update(acknowledge="3 min"))
    assert load(folder).version != load().version
    assert re.fullmatch("[0-9a-f]{16}", load(folder).version)
