"""Where a stream stands: the next offset of every partition behind it, as the text of a Server-Sent Event's id."""

from collections.abc import Iterable

Positions = dict[tuple[str, int], int]


def id_of(positions: Positions, topics: Iterable[str]) -> str:
    """`topic=o0.o1.o2,...` in a fixed order; a partition nothing was read from yet is at 0."""
    parts = []
    for topic in sorted(topics):
        counts = {partition: offset for (name, partition), offset in positions.items() if name == topic}
        offsets = [str(counts.get(number, 0)) for number in range(max(counts, default=-1) + 1)]
        parts.append(f"{topic}={'.'.join(offsets)}")
    return ",".join(parts)


def positions_of(event_id: str, topics: Iterable[str]) -> Positions | None:
    """The positions behind an id of ours; `None` for any other text."""
    found: Positions = {}
    wanted = set(topics)
    for part in event_id.split(","):
        topic, _, offsets = part.partition("=")
        if topic not in wanted:
            return None
        wanted.discard(topic)
        for partition, offset in enumerate(offsets.split(".") if offsets else []):
            if not offset.isascii() or not offset.isdigit() or len(offset) > 18:
                return None
            found[topic, partition] = int(offset)
    return None if wanted else found


def behind(there: Positions, here: Positions) -> bool:
    """Whether `here` has not read all that `there` has."""
    return any(here.get(place, 0) < offset for place, offset in there.items())
