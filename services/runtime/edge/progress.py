"""How far a partition may be committed: up to the oldest record that was given out and is not settled yet."""


class Progress:
    """The records of one partition between being read and being settled.

    Offsets need not be contiguous: transaction markers, aborted records and compacted ones are simply never read, so no
    gap can hold a commit back. Nothing is ever committed past a record that was read and not settled.
    """

    def __init__(self) -> None:
        self._open: dict[int, None] = {}
        self._beyond: int | None = None

    def read(self, offset: int) -> None:
        """This record is about to be given out; offsets rise, save after a seek backwards."""
        self._open[offset] = None
        self._beyond = offset + 1 if self._beyond is None else max(self._beyond, offset + 1)

    def settle(self, offset: int) -> None:
        """What this record asks for is done and acknowledged. A record nobody read here is ignored."""
        self._open.pop(offset, None)

    @property
    def committable(self) -> int | None:
        """The offset to commit: everything below it is settled. `None` while nothing was read."""
        return min(self._open) if self._open else self._beyond

    def __len__(self) -> int:
        """How many records were given out and are not settled."""
        return len(self._open)
