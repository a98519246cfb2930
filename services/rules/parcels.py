"""What does a recipient's system get? Ids and codes as JSON: one notice, or several for one person in one message."""

import json
from dataclasses import dataclass
from datetime import timedelta

from schemas.envelope import rfc3339
from schemas.notices import NoticeIssued
from schemas.words import Band, NoticeKind
from services.rules import ids
from services.rules.codes import link_code, spoken_code

LINKED = frozenset({NoticeKind.OFFER, NoticeKind.PAGE, NoticeKind.DRILL})
LINK_GOOD_FOR = timedelta(days=7)  # as long as the single writer remembers that it was used


@dataclass(frozen=True, slots=True)
class Links:
    """How one-time links and codes are made: `secret` is known to the pager and to intake, `public_url` is where intake is reached."""

    secret: bytes
    public_url: str

    def of(self, notice: NoticeIssued) -> str | None:
        """The link by which the recipient says that they have seen a notice; none for what nobody waits for."""
        if notice.kind not in LINKED or notice.dead_letter is not None or notice.drill:
            return None
        code = link_code(self.secret, notice.notice_id)
        return None if code is None else f"{self.public_url}/a/{code}"

    def code_of(self, notice: NoticeIssued) -> str | None:
        """The code that a verification brings."""
        return spoken_code(self.secret, notice.notice_id) if notice.kind is NoticeKind.VERIFICATION else None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out in one message: notices to one recipient. Given to the sink instead, `handed_over` says why (one notice only)."""

    notices: tuple[NoticeIssued, ...]
    handed_over: str | None = None

    @property
    def key(self) -> str:
        """The idempotency key: of one notice its id, of several what is made of all their ids."""
        told = [notice.notice_id for notice in self.notices]
        return told[0] if len(told) == 1 else ids.derived("bundle", *told)

    @property
    def band(self) -> Band:
        """That of the most urgent."""
        return min((notice.band for notice in self.notices), key=lambda band: band.rank)

    def body(self, links: Links | None) -> bytes:
        """The JSON of it: one notice as such, several as the `notices` of a `bundle_id`."""
        told = [_told(notice, links, self.handed_over) for notice in self.notices]
        if len(told) == 1:
            return json.dumps(told[0]).encode()
        head = {"bundle_id": self.key, "recipient": self.notices[0].recipient, "band": self.band, "count": len(told)}
        return json.dumps({**head, "notices": told}).encode()


def _told(notice: NoticeIssued, links: Links | None, handed_over: str | None) -> dict[str, object]:
    """Ids and codes only. A notice handed over goes to the sink and names who was meant."""
    told: dict[str, object] = {
        "notice_id": notice.notice_id,
        "page_id": notice.page_id,
        "kind": notice.kind,
        "recipient": notice.recipient,
        "band": notice.band,
        "track_id": notice.track_id,
        "case_id": notice.case_id,
        "desk_id": notice.desk_id,
        "reason": notice.reason,
        "at": rfc3339(notice.at),
        "offer_id": notice.offer_id,
        "until": rfc3339(notice.until) if notice.until else None,
        "drill": notice.drill,
    }
    if notice.count is not None:
        told["count"] = notice.count
    if handed_over is not None:
        told |= {"recipient": "post:sink", "meant_for": notice.recipient, "handed_over": handed_over}
    if notice.gap is not None:
        told["gap"] = notice.gap.model_dump(mode="json")
    if notice.dead_letter is not None:
        told["dead_letter"] = notice.dead_letter.model_dump(mode="json")
    if links is not None:
        given = {"link": links.of(notice), "code": links.code_of(notice)}
        told |= {name: value for name, value in given.items() if value is not None}
    return told
