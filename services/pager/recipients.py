"""How is this recipient reached? A person by the roster, a post by the catalogue; nobody found means the sink, never silence."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.catalogue import Catalogue
from schemas.notices import NoticeIssued
from schemas.rosters import RosterEntry
from services.pager.rosters import Rosters
from services.runtime.delivery import LOG, WEBHOOK, Method

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
        """The method the notice asks for by its rank. A drill reaches the log alone."""
        if notice.drill:
            return Route(Method(LOG))
        methods = self._methods(notice)
        if methods is None:
            return self.sink("unknown_recipient")
        if not methods:
            return self.sink("no_usable_method")
        return Route(methods[min(notice.method_rank, len(methods) - 1)])

    def known(self, notice: NoticeIssued) -> bool:
        """Whether the recipient is on a roster or in the catalogue."""
        return self._methods(notice) is not None

    def sink(self, reason: str, attempt: int = 0) -> Route:
        """The sink's method for its `attempt`-th try: its methods in turn. The log is one only where there is no other."""
        methods = self._post_methods(SINK)
        others = [method for method in methods if method.kind != LOG] or [Method(LOG)]
        return Route(others[attempt % len(others)], reason)

    def _methods(self, notice: NoticeIssued) -> list[Method] | None:
        if notice.recipient.startswith(POST):
            return self._post_methods(notice.recipient.removeprefix(POST)) or None
        entry = self.rosters.find(notice.recipient, notice.pillar)
        return None if entry is None else self._person_methods(entry)

    def _post_methods(self, name: str) -> list[Method]:
        posts = self.catalogue.desks.posts
        kind = name if name in posts else next((post for post in posts if name.startswith(f"{post}-")), None)
        return [] if kind is None else self._usable((method, None) for method in posts[kind].methods)

    def _person_methods(self, entry: RosterEntry) -> list[Method]:
        addresses = dict(enumerate(entry.personal.addresses))
        verified = ((method.kind, addresses.get(n)) for n, method in enumerate(entry.methods) if method.verified)
        return self._usable(verified)

    def _usable(self, methods: Iterable[tuple[str, str | None]]) -> list[Method]:
        found = (Method(kind, (address or self.sink_url) if kind == WEBHOOK else None) for kind, address in methods)
        return [one for one in found if one.kind == LOG or (one.kind == WEBHOOK and one.address)]
