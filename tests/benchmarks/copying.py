"""The work both contestants do for each record: parse it, choose one of eight topics, write it anew."""

from pydantic import BaseModel, ConfigDict

from schemas.topics import LOG_RETENTION, Cleanup, Sizing, Topic

PARTITIONS = 4
KINDS = tuple(f"kind-{number}" for number in range(8))


def topic(name: str, cleanup: Cleanup = Cleanup.DELETE) -> Topic:
    """One of the benchmark's topics."""
    return Topic(name, "key", "key", Sizing.HOUSEHOLD, cleanup, LOG_RETENTION, ("tests",), ("tests",), ("Entry",))


IN = topic("bench.in")
OUT = {kind: topic(f"bench.{kind}") for kind in KINDS}


def state(number: int) -> Topic:
    """The changelog of one round: each begins from nothing."""
    return topic(f"bench.state-{number}", Cleanup.COMPACT)


class Entry(BaseModel):
    """About a kilobyte of JSON."""

    model_config = ConfigDict(frozen=True)

    id: str
    household_id: str
    kind: str
    severity: int
    reported_by: str
    country: str
    language: str
    tags: tuple[str, ...]
    details: str


def entry(number: int) -> Entry:
    """The nth record."""
    return Entry(
        id=f"{number:032d}",
        household_id=f"household-{number % 5_000}",
        kind=KINDS[number % len(KINDS)],
        severity=number % 4,
        reported_by="agent",
        country="BE",
        language="nl",
        tags=("one", "two", "three"),
        details="x" * 650,
    )


def work(value: bytes) -> tuple[str, str, bytes]:
    """Kind, key and new value of a record."""
    parsed = Entry.model_validate_json(value)
    return (
        parsed.kind,
        parsed.household_id,
        parsed.model_copy(update={"severity": parsed.severity + 1}).model_dump_json().encode(),
    )
