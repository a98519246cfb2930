"""What in a responder's entry cannot work? Found when it is put, not in the night in which nobody rings."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from schemas.catalogue.skills import Skills
from services.intake.asks import RosterBody
from services.intake.problems import FieldError

OF_DIGITS = "a responder's id is opaque; digits alone could be a phone or policy number"
WEB = frozenset({"http", "https"})
LANGUAGE = re.compile("[a-z]{2,3}")
MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def is_of_digits(responder_id: str) -> bool:
    """Whether an id has no letter, as phone and policy numbers have none."""
    return not any(sign.isalpha() for sign in responder_id)


def faults(body: RosterBody, skills: Skills) -> Iterator[FieldError]:
    """A skill nobody here knows, a language that is none, what is said of one not listed; a method without an address to reach."""
    yield from _of_what_they_can(body, skills)
    yield from _of_methods(body)


def _of_what_they_can(body: RosterBody, skills: Skills) -> Iterator[FieldError]:
    for number, name in enumerate(body.skills):
        if name not in skills.skills:
            yield FieldError(
                detail=f"no such skill; there are {', '.join(skills.skills)}", pointer=f"#/skills/{number}"
            )
    for part in ("languages", "interprets"):
        for number, name in enumerate(getattr(body, part)):
            if LANGUAGE.fullmatch(name) is None:
                yield FieldError(detail="a language is its ISO 639 code, as fr or nl", pointer=f"#/{part}/{number}")
    if not body.training.keys() <= {*body.skills}:
        yield FieldError(detail="training is of skills that are listed", pointer="#/training")
    if not body.fluency.keys() <= {*body.languages}:
        yield FieldError(detail="fluency is of languages that are listed", pointer="#/fluency")


def _of_methods(body: RosterBody) -> Iterator[FieldError]:
    addresses = dict(enumerate(body.personal.addresses))
    for number, method in enumerate(body.methods):
        if method.kind == "webhook" and not _is_url(addresses.get(number, "")):
            detail = "a webhook needs an http or https URL at its own place in the addresses"
            yield FieldError(detail=detail, pointer=f"#/personal/addresses/{number}")
        if method.kind == "smtp" and MAIL.fullmatch(addresses.get(number, "")) is None:
            yield FieldError(
                detail="smtp needs a mail address at its own place in the addresses",
                pointer=f"#/personal/addresses/{number}",
            )
    for number, rule in enumerate(body.reach):
        if rule.method >= len(body.methods):
            yield FieldError(detail="there is no such method", pointer=f"#/reach/{number}/method")


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in WEB and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and address.isascii() and not any(sign.isspace() for sign in address)
