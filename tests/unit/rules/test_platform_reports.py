"""A platform is told by its own route: the right kind of report, where to begin, what to have at hand, when to expect an answer."""

from datetime import timedelta

import pytest

from schemas.catalogue.platforms import Expected, Platforms
from schemas.words import Language, Signal
from services.rules.platform_reports import PlatformReports, Route, reports_to
from tests.shipped import CATALOGUE
from tests.unit.catalogue.folders import with_change

PLATFORMS = CATALOGUE.platforms
KINDS = {  # which incidents each kind of report is for, what it needs, and how many hours an answer takes until somebody knows better
    "impersonation": ("fake_profile identity_theft", "capture own_profile identity_form", 72),
    "intimate_image": ("sextortion intimate_image_abuse", "seen_at", 24),
    "harassment": ("insult_harassment malicious_calls", "capture seen_at", 48),
    "threat": ("threat", "capture conversation", 24),
    "private_information": ("personal_data_misuse unwanted_publication doxxing", "capture seen_at", 48),
    "illegal_content": ("defamation fake_news", "capture seen_at why_false", 168),
    "hacked_account": ("account_takeover", "last_access", 72),
    "scam": ("phishing online_scam", "capture conversation", 72),
    "synthetic_media": ("deepfake", "seen_at", 48),
    "child_safety": ("grooming_of_minor", "police_first conversation", 24),
}
WAYS = {"P": "profile", "C": "content", "M": "chat", "F": "form", "R": "recovery"}
ROUTES = {  # the way of each platform for each kind, in the order above; - where it takes none
    "facebook": "P C C C F F R C C M",
    "messenger": "M M M M - - R M - M",
    "instagram": "P C C C F F R C C M",
    "twitter": "F C C C C F R C C F",
    "tiktok": "P C C C F F R C C P",
    "snapchat": "P C M M C F R M C M",
    "whatsapp": "M M M M - - R M - M",
    "youtube": "P C C C F F R C F C",
    "telegram": "M M M M - F R M - M",
    "discord": "P M M M M F R M - M",
    "linkedin": "P C C C C F R C - -",
}
IDENTIFIED_BY = {
    "facebook": "address",
    "messenger": "account_name",
    "instagram": "address account_name",
    "twitter": "address account_name",
    "tiktok": "address account_name",
    "snapchat": "account_name",
    "whatsapp": "phone_number",
    "youtube": "address",
    "telegram": "account_name phone_number",
    "discord": "account_name",
    "linkedin": "address",
}
SAID = {  # what victims and forms call them
    "facebook": "facebook Facebook FACEBOOK fb facebook.com",
    "messenger": "messenger facebook_messenger fb_messenger Facebook-Messenger",
    "instagram": "instagram insta Instagram.com",
    "twitter": "twitter Twitter x X x.com twitter.com X-(Twitter)",
    "tiktok": "tiktok TikTok tik_tok tiktok.com",
    "snapchat": "snapchat snap Snapchat.com",
    "whatsapp": "whatsapp WhatsApp wa whatsapp.com",
    "youtube": "youtube YouTube yt youtube.com",
    "telegram": "telegram telegram_app",
    "discord": "discord discord.com",
    "linkedin": "linkedin LinkedIn linkedin.com",
}
CELLS = [(name, kind, way) for name, ways in ROUTES.items() for kind, way in zip(KINDS, ways.split(), strict=True)]


def told(
    said: str | None, *codes: str, signals: tuple[Signal, ...] = (), platforms: Platforms = PLATFORMS
) -> PlatformReports | None:
    """What an English caller is told."""
    return reports_to(said, codes, signals, language=Language.EN, platforms=platforms)


def routes(said: str, *codes: str, platforms: Platforms = PLATFORMS) -> tuple[Route, ...]:
    found = told(said, *codes, platforms=platforms)
    return found.routes if found else ()


def in_english(names: str) -> tuple[str, ...]:
    return tuple(PLATFORMS.evidence[name].name[Language.EN] for name in names.split())


@pytest.mark.parametrize(("platform", "kind", "way"), CELLS)
def test_each_platform_takes_each_kind_of_report_its_own_way_or_not_at_all(platform: str, kind: str, way: str) -> None:
    codes, evidence, _ = KINDS[kind]
    for code in codes.split():
        found = [(one.kind, one.how, one.codes, one.evidence) for one in routes(platform, code)]
        needed = in_english(f"{evidence} {IDENTIFIED_BY[platform]}")
        wanted = [] if way == "-" else [(kind, PLATFORMS.ways[WAYS[way]][Language.EN], (code,), needed)]
        assert found == wanted


def test_every_incident_that_happens_on_a_platform_has_one_kind_of_report_and_no_other_has_any() -> None:
    reported = " ".join(codes for codes, _, _ in KINDS.values()).split()
    assert [code for code in CATALOGUE.incidents.codes if routes("facebook", code)] == [
        code for code in CATALOGUE.incidents.codes if code in reported
    ]
    assert len(reported) == len(set(reported))


@pytest.mark.parametrize("kind", KINDS)
def test_a_delay_nobody_states_is_null_beside_the_default_we_go_by(kind: str) -> None:
    codes, _, hours = KINDS[kind]
    (route,) = routes("facebook", *codes.split())
    delay = route.expected
    assert (delay.said, delay.within, delay.source, delay.verified) == (None, timedelta(hours=hours), "D", False)


def test_a_platform_whose_own_delay_is_known_is_expected_to_keep_that() -> None:
    own = {"said": "two working days", "within": "3 d", "source": "K"}
    changed = with_change(
        "platforms", lambda raw: raw["platforms"]["discord"]["routes"]["harassment"].update(expected=own)
    )
    known = Expected.model_validate(own)
    assert [one.expected for one in routes("discord", "insult_harassment", platforms=changed.platforms)] == [known]
    assert routes("youtube", "insult_harassment", platforms=changed.platforms)[0].expected.said is None


@pytest.mark.parametrize(("platform", "said"), [(one, said) for one, words in SAID.items() for said in words.split()])
def test_a_platform_is_known_by_every_name_a_victim_gives_it(platform: str, said: str) -> None:
    found = told(said, "insult_harassment")
    assert found is not None
    assert (found.platform, found.name) == (platform, PLATFORMS.platforms[platform].name)


@pytest.mark.parametrize("said", [None, "", "myspace", "f", "???", "facebook2", "the phone"])
def test_a_platform_nobody_knows_is_told_about_by_nothing(said: str | None) -> None:
    assert told(said, "insult_harassment") is None


def test_several_incidents_on_one_platform_are_as_many_reports_and_two_of_a_kind_are_one() -> None:
    found = routes("facebook", "fake_profile", "identity_theft", "threat", "bank_fraud")
    assert [(one.kind, one.codes) for one in found] == [
        ("impersonation", ("fake_profile", "identity_theft")),
        ("threat", ("threat",)),
    ]


def test_what_a_platform_takes_no_report_of_is_answered_by_nothing() -> None:
    assert told("facebook", "bank_fraud") is None


def test_nothing_that_shows_a_childs_sexual_image_again_is_asked_for() -> None:
    signals = (Signal.CHILD_SEXUAL_CONTENT,)
    found = told("facebook", "fake_profile", "intimate_image_abuse", "grooming_of_minor", signals=signals)
    assert found is not None
    needed = {one for route in found.routes for one in route.evidence}
    assert set(in_english("capture")) & needed == set()
    assert set(in_english("address own_profile seen_at police_first")) <= needed


def test_an_intimate_or_a_synthetic_image_is_never_asked_for_of_anybody() -> None:
    codes = ("sextortion", "intimate_image_abuse", "deepfake")
    assert {one for route in routes("facebook", *codes) for one in route.evidence} == set(in_english("seen_at address"))


@pytest.mark.parametrize("language", Language)
def test_a_report_is_described_in_the_callers_language(language: Language) -> None:
    found = reports_to("x", ("threat",), (), language=language, platforms=PLATFORMS)
    assert found is not None
    (route,) = found.routes
    kind = PLATFORMS.kinds["threat"]
    assert (route.name, route.how) == (kind.name[language], PLATFORMS.ways["content"][language])
    assert route.evidence[0] == PLATFORMS.evidence["capture"].name[language]


def test_the_seed_that_names_facebook_and_twitter_is_their_source_and_nobody_has_checked_any() -> None:
    sources = {name: one.source for name, one in PLATFORMS.platforms.items()}
    assert {name for name, source in sources.items() if "S3" in source} == {"facebook", "twitter"}
    assert not any(one.verified for one in (*PLATFORMS.platforms.values(), *PLATFORMS.kinds.values()))
