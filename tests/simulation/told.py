"""What a committed record says, read without any code of the services: JSON and CloudEvents headers."""

import json
from datetime import datetime
from typing import Any

from tests.simulation.log import Commit, Kept


class Broken(AssertionError):
    """An invariant of RELIABILITY does not hold. `invariant` is its name (`I3`)."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant = invariant
        self.what = what


class Told:
    """One committed record; data and headers are read when asked for."""

    __slots__ = ("_data", "_headers", "at_us", "epoch", "kept", "writer")

    def __init__(self, kept: Kept, commit: Commit) -> None:
        self.kept = kept
        self.writer = commit.writer
        self.epoch = commit.epoch
        self.at_us = commit.at_us
        self._headers: dict[str, str] | None = None
        self._data: dict[str, Any] | None = None

    @property
    def topic(self) -> str:
        """The topic's name."""
        return self.kept.topic

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition and offset."""
        return self.kept.topic, self.kept.partition, self.kept.offset

    @property
    def key(self) -> str:
        """The record's key."""
        return (self.kept.key or b"").decode("utf-8", "replace")

    @property
    def headers(self) -> dict[str, str]:
        """The headers by name."""
        if self._headers is None:
            self._headers = {name: value.decode("utf-8", "replace") for name, value in self.kept.headers}
        return self._headers

    @property
    def data(self) -> dict[str, Any]:
        """The value as a JSON object; empty for what is none."""
        if self._data is None:
            try:
                found = json.loads(self.kept.value or b"")
            except ValueError:
                found = {}
            self._data = found if isinstance(found, dict) else {}
        return self._data

    @property
    def id(self) -> str:
        """The CloudEvent's id."""
        return self.headers.get("ce_id", "")

    @property
    def fact(self) -> str:
        """The last part of the CloudEvent's type."""
        return self.headers.get("ce_type", "").rpartition(".")[2]

    @property
    def cause(self) -> str | None:
        """The id of the event behind it."""
        return self.headers.get("ce_causationid")


def instant(text: str) -> datetime:
    """An instant as messages write it."""
    return datetime.fromisoformat(text)
