"""Modules are named for the question they answer, and stay small enough to be read (STYLE rules 1, 2 and 12)."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, python_files, relative, tree

LONGEST_FUNCTION = 30
LONGEST_MODULE = 250
VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "managers", "handlers", "misc"})
BY_KIND = frozenset({"agents", "tables", "timers"})
PRODUCT = ("services", "schemas", "deploy")
DEPLOYED = ("intake", "router", "responders", "pager")


def function_lengths(path: Path) -> dict[str, int]:
    """`name:line` of every function, nested or not, and its lines from `def` to its end, docstring included."""
    return {
        f"{relative(path)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_no_function_is_longer_than_thirty_lines() -> None:
    lengths = {name: length for path in python_files(*PRODUCT) for name, length in function_lengths(path).items()}
    assert lengths
    too_long = [f"{name}: {length} lines" for name, length in lengths.items() if length > LONGEST_FUNCTION]
    assert not too_long, "\n".join(too_long)


def test_no_module_is_longer_than_two_hundred_and_fifty_lines() -> None:
    lengths = {relative(path): len(path.read_text("utf-8").splitlines()) for path in python_files(*PRODUCT)}
    assert lengths
    too_long = [f"{name}: {length} lines" for name, length in lengths.items() if length > LONGEST_MODULE]
    assert not too_long, "\n".join(too_long)


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    paths = python_files(*PRODUCT, "tests")
    vague = {relative(path) for path in paths if {path.stem, *path.relative_to(ROOT).parts[:-1]} & VAGUE}
    assert vague == set()


def test_no_service_is_packaged_by_kind() -> None:
    paths = python_files("services")
    assert {relative(path) for path in paths if {path.stem, *path.relative_to(ROOT).parts[:-1]} & BY_KIND} == set()


@pytest.mark.parametrize("path", [p for p in python_files(*PRODUCT) if p.read_text("utf-8").strip()], ids=relative)
def test_a_module_says_its_purpose_in_one_to_three_lines(path: Path) -> None:
    docstring = ast.get_docstring(tree(path))
    assert docstring
    summary = docstring.split("\n\n")[0]
    assert len(summary.splitlines()) <= 3


@pytest.mark.parametrize("service", DEPLOYED)
def test_a_service_has_the_same_file_names_as_the_others(service: str) -> None:
    wanted = {"README.md", "__main__.py", "settings.py", "metrics.py"}
    if service in {"router", "responders"}:
        wanted |= {"machine.py"}
    present = {path.name for path in (ROOT / "services" / service).iterdir()}
    assert wanted - present == set()


def readme(service: str) -> str:
    return (ROOT / "services" / service / "README.md").read_text("utf-8")


def rows(service: str) -> list[str]:
    """The row names of a README's first table: what the service reads, writes, keeps, how it runs."""
    table = readme(service).split("\n| | |\n|---|---|\n", 1)[1].split("\n\n", 1)[0]
    return [line.split("|")[1].strip() for line in table.splitlines()]


@pytest.mark.parametrize("service", DEPLOYED)
def test_a_service_readme_begins_with_the_one_question_it_answers(service: str) -> None:
    assert re.match(rf"# {service}\n\n\*\*[^*\n]+\?\*\*", readme(service))


@pytest.mark.parametrize("service", DEPLOYED)
def test_a_service_readme_says_the_same_things_in_the_same_order(service: str) -> None:
    assert rows(service) == ["reads", "writes", "state", "run"]


@pytest.mark.parametrize("path", sorted((ROOT / "services").glob("*/README.md")), ids=relative)
def test_a_service_readme_names_only_files_that_exist(path: Path) -> None:
    named = re.findall(r"`([a-z_]+\.py)`", path.read_text("utf-8"))
    assert [name for name in named if not any(path.parent.rglob(name))] == []
