"""How is this recipient reached? A person by the roster, a post by the catalogue; nobody found means the sink, never silence."""

from dataclasses import dataclass
from datetime import timedelta

from schemas.catalogue import Catalogue
from schemas.notices import NoticeIssued
from schemas.rosters import RosterEntry
from services.pager.rosters import Rosters
from services.rules.reaching import address_of, rings
from services.runtime.delivery import LOG, WEBHOOK, Method
from services.runtime.mailing import SMTP, WORDS

POST = "post:"
SINK = "sink"


@dataclass(frozen=True, slots=True)
class Route:
    """The method to use; `handed_over` says why it is the sink's although somebody else was meant."""

    method: Method
    handed_over: str | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything needed to reach somebody; `sink_url` is the webhook of the posts, and of responders without an address."""

    rosters: Rosters
    catalogue: Catalogue
    sink_url: str | None

    def route(self, notice: NoticeIssued) -> Route:
        """The method the notice asks for: by its rank in the recipient's own order, or by name. What is about a drill case is logged."""
        if notice.drill:
            return Route(Method(LOG))
        methods = self._methods(notice)
        if methods is None:
            return self.sink("unknown_recipient")
        usable = [one for one in methods if one is not None]
        if not usable:
            return self.sink("no_usable_method")
        asked = methods[min(notice.method_rank, len(methods) - 1)]
        return Route(asked or usable[0])

    def known(self, notice: NoticeIssued) -> bool:
        """Whether the recipient is on a roster or in the catalogue."""
        return self._methods(notice) is not None

    def sink(self, reason: str, attempt: int = 0) -> Route:
        """The sink's method for its `attempt`-th try: its methods in turn. The log is one only where there is no other."""
        methods = [method for method in self._post_methods(SINK) if method is not None]
        others = [method for method in methods if method.kind != LOG] or [Method(LOG)]
        return Route(others[attempt % len(others)], reason)

    def _methods(self, notice: NoticeIssued) -> list[Method | None] | None:
        if notice.recipient.startswith(POST):
            return self._post_methods(notice.recipient.removeprefix(POST)) or None
        entry = self.rosters.find(notice.recipient, notice.pillar)
        if entry is None:
            return None
        if notice.method is not None:
            return [self._of_person(entry, notice.method)]
        return [self._of_person(entry, ring.method) for ring in rings(entry, notice.band, timedelta(0))]

    def _post_methods(self, name: str) -> list[Method | None]:
        posts = self.catalogue.desks.posts
        kind = name if name in posts else next((post for post in posts if name.startswith(f"{post}-")), None)
        methods = (self._usable(Method(one)) for one in posts[kind].methods) if kind is not None else ()
        return [one for one in methods if one is not None]

    def _of_person(self, entry: RosterEntry, place: int) -> Method | None:
        if place >= len(entry.methods):
            return None
        language = next((one for one in entry.languages if one in WORDS), "en")
        return self._usable(Method(entry.methods[place].kind, address_of(entry, place), language))

    def _usable(self, method: Method) -> Method | None:
        """A log needs no address; a webhook without one is the sink's."""
        if method.kind == LOG:
            return Method(LOG)
        address = method.address or (self.sink_url if method.kind == WEBHOOK else None)
        usable = method.kind in (WEBHOOK, SMTP) and address is not None
        return Method(method.kind, address, method.language) if usable else None
