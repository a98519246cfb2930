"""I4: a page is raised once, each try to tell it is sent once, none is sent that was never raised, and a failed promise has one."""

from dataclasses import dataclass, field

from tests.simulation.told import Broken, Told


@dataclass(slots=True)
class Pages:
    """Follows pages from the case that raises them to the notices that tell them."""

    _raised: set[str] = field(default_factory=set)
    _on_case: set[tuple[str, str]] = field(default_factory=set)
    _sent: set[tuple[str, str, int]] = field(default_factory=set)

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        for told in commit:
            if told.topic == "case.events" and told.fact == "page_raised":
                self._raise(told)
        for told in commit:
            if told.topic == "notices" and told.data["kind"] == "page" and not told.data.get("dead_letter"):
                self._send(told)
            elif told.topic == "case.events" and told.fact == "clock_breached":
                page = told.data.get("page_id")
                if page is not None and page not in self._raised:
                    raise Broken("I4", f"page {page} about a failed promise of {told.key} was never raised")

    def at_rest(self) -> None:
        """Nothing is left to say."""

    def _raise(self, told: Told) -> None:
        page = told.data["page_id"]
        if (told.key, page) in self._on_case:
            raise Broken("I4", f"page {page} was raised twice")
        self._on_case.add((told.key, page))
        self._raised.update({page, told.data.get("group") or page})

    def _send(self, told: Told) -> None:
        data = told.data
        attempt = (data["page_id"], data["recipient"], data["attempt"])
        if attempt in self._sent:
            raise Broken("I4", f"page {attempt} was sent twice")
        self._sent.add(attempt)
        if data["page_id"] not in self._raised:
            raise Broken("I4", f"page {data['page_id']} was sent and never raised on its case")
