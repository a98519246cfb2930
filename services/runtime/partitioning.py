"""Which partition a key belongs to: the murmur2 of Kafka's Java client, so that every client of ours and of partners agrees."""

from functools import lru_cache
from struct import unpack_from

_MIX = 0x5BD1E995
_SEED = 0x9747B28C
_WORD = 0xFFFFFFFF


@lru_cache(maxsize=65_536)
def partition_of(key: str, count: int) -> int:
    """The partition of `key` (UTF-8) among `count`."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % count


def key_of_each_partition(stem: str, count: int) -> tuple[str, ...]:
    """Keys that together reach all of `count` partitions, one each, in the order of the partitions."""
    found: dict[int, str] = {}
    number = 0
    while len(found) < count:
        found.setdefault(partition_of(f"{stem}/{number}", count), f"{stem}/{number}")
        number += 1
    return tuple(found[partition] for partition in range(count))


def murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bits, unsigned, as `org.apache.kafka.common.utils.Utils.murmur2` computes it."""
    length = len(data)
    words = length // 4
    state = _SEED ^ length
    for word in unpack_from(f"<{words}I", data):
        mixed = word * _MIX & _WORD
        mixed = (mixed ^ (mixed >> 24)) * _MIX & _WORD
        state = (state * _MIX & _WORD) ^ mixed
    if rest := data[words * 4 :]:
        state = (state ^ int.from_bytes(rest, "little")) * _MIX & _WORD
    state = (state ^ (state >> 13)) * _MIX & _WORD
    return state ^ (state >> 15)
