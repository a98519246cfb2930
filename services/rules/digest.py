"""Do two nodes hold the same state? A hash of all of its records, equal wherever the same log was restored (RELIABILITY I16)."""

import hashlib
from collections.abc import Iterable, Mapping

from pydantic import BaseModel


def digest_of(tables: Iterable[Mapping[str, BaseModel]]) -> str:
    """The SHA-256, as hex digits, of these tables in their order, each in the order of its keys."""
    total = hashlib.sha256()
    for table in tables:
        for key in sorted(table):
            total.update(key.encode() + b"\0" + table[key].model_dump_json().encode() + b"\0")
    return total.hexdigest()
