"""What in a responder's entry cannot work? Found when it is put, not in the night in which nobody rings."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from services.intake.asks import RosterBody
from services.intake.problems import FieldError

OF_DIGITS = "a responder's id is opaque; digits alone could be a phone or policy number"
WEB = frozenset({"http", "https"})


def is_of_digits(responder_id: str) -> bool:
    """Whether an id has no letter, as phone and policy numbers have none."""
    return not any(sign.isalpha() for sign in responder_id)


def faults(body: RosterBody) -> Iterator[FieldError]:
    """A webhook without an address that a request could be sent to."""
    addresses = dict(enumerate(body.personal.addresses))
    for number, method in enumerate(body.methods):
        if method.kind == "webhook" and not _is_url(addresses.get(number, "")):
            detail = "a webhook needs an http or https URL at its own place in the addresses"
            yield FieldError(detail=detail, pointer=f"#/personal/addresses/{number}")


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in WEB and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and address.isascii() and not any(sign.isspace() for sign in address)
