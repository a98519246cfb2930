"""The clock, randomness and fresh ids come in from outside: only the runtime and `__main__` may take them (STYLE rule 5)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import python_files, relative, tree

FORBIDDEN = {
    "datetime.datetime": {"now", "utcnow", "today"},
    "datetime.date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
    "uuid": {"uuid1", "uuid4", "uuid6", "uuid7"},
    "random": {"*"},
    "secrets": {"*"},
    "os": {"urandom"},
}


def judged_files() -> list[Path]:
    """Services save the runtime and entry points, the contract, and what generates manifests."""
    found = python_files("services", "schemas", "deploy/k8s")
    return [path for path in found if "services/runtime/" not in relative(path) and path.stem != "__main__"]


def known_names(module: ast.Module) -> dict[str, str]:
    """Local name -> what it stands for: `import datetime as d` gives d -> datetime."""
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str | None:
    """`d.datetime.now` under `import datetime as d` is `datetime.datetime.now`."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = full_name(node.value, names)
        return owner and f"{owner}.{node.attr}"
    return None


def forbidden(name: str) -> bool:
    owner, _, member = name.rpartition(".")
    return any(
        member in members or ("*" in members and owner == where)
        for where, members in FORBIDDEN.items()
        if owner == where
    )


def uses(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of everything forbidden, called or only named."""
    names = known_names(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Name | ast.Attribute):
            name = full_name(node, names)
            if name is not None and forbidden(name):
                yield node.lineno, name


def test_only_the_runtime_and_entry_points_take_the_time_randomness_or_a_fresh_id() -> None:
    found = [f"{relative(path)}:{line} {name}" for path in judged_files() for line, name in uses(tree(path))]
    assert not found, "\n".join(found)


def test_the_search_sees_every_spelling() -> None:
    source = """
import datetime as d, random, time, uuid
from datetime import datetime, date
from uuid import uuid4
from secrets import token_hex
d.datetime.now(); datetime.now(d.UTC); date.today(); time.time(); uuid.uuid1(); uuid4(); random.random(); token_hex(8)
factory = uuid4
allowed = (time.monotonic(), uuid.uuid5, datetime.fromisoformat)
"""
    assert sorted(name for _, name in uses(ast.parse(source))) == [
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.now",
        "random.random",
        "secrets.token_hex",
        "time.time",
        "uuid.uuid1",
        "uuid.uuid4",
        "uuid.uuid4",
    ]
