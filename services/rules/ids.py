"""Ids are derived from their cause (uuid5), so doing anything twice produces the same bytes (DESIGN section 4)."""

from hashlib import blake2b, sha1
from uuid import UUID

NAMESPACE = UUID("5a3e0f0c-6b43-5d8e-9c1f-7a52d0c8e411")
_NAMESPACE = sha1(NAMESPACE.bytes, usedforsecurity=False)
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}

HOUSEHOLD_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # what a caller may choose: nothing that says who it is


def derived(kind: str, *cause: str | int) -> str:
    """The id of a `kind` of thing with this cause; parts are length-prefixed, so that no two causes read alike."""
    name = kind
    for part in cause:
        text = str(part)
        name += f"|{len(text)}:{text}"
    return _uuid5(name)


def _uuid5(name: str) -> str:
    """`str(uuid.uuid5(NAMESPACE, name))`, at a quarter of its cost: every event needs several."""
    digest = _NAMESPACE.copy()
    digest.update(name.encode())
    text = digest.hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def household_id(partner_id: str, reference: str) -> str:
    """A household is one partner's (DESIGN section 3)."""
    return derived("household", partner_id, reference)


def provisional_household_id(source: str, report_id: str) -> str:
    """The household of a caller nobody can place."""
    return derived("provisional-household", source, report_id)


def case_id(household: str, source: str, report_id: str) -> str:
    """The case that a first report opens in a household."""
    return derived("case", household, source, report_id)


def track_id(case: str, pillar: str) -> str:
    """One pillar's work on a case."""
    return derived("track", case, pillar)


def offer_id(track: str, epoch: int, number: int) -> str:
    """The `number`-th offer of a track under a dispatch epoch."""
    return derived("offer", track, epoch, number)


def page_id(track: str, step: str) -> str:
    """A page about a track; `step` names the promise that failed (`acknowledge`)."""
    return derived("page", track, step)


def notice_id(cause: str, recipient: str, attempt: int) -> str:
    """One attempt to tell one recipient about one cause (an offer or a page)."""
    return derived("notice", cause, recipient, attempt)


def drill_notice_id(drill_id: str, responder_id: str, method: int) -> str:
    """The notice by which a drill tries one contact method of somebody."""
    return notice_id(derived("drill-way", drill_id, method), responder_id, 1)


def short_hash(*parts: str) -> str:
    """16 bytes of a text as 32 hex digits; parts are length-prefixed."""
    return blake2b("".join(f"{len(part)}:{part}" for part in parts).encode(), digest_size=16).hexdigest()
