"""Imports point one way (DESIGN section 10): services meet only in `schemas`, `services.rules` and on the bus."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.sources import EDGE_FILES, ROOT, dotted, imports, ours, python_files, relative, standard, within

MACHINES = ("services.router", "services.responders")
EDGE_DECISIONS = (  # the edges have no machine, but they decide too
    "services.intake.asks",
    "services.intake.commanding",
    "services.intake.limits",
    "services.intake.partner_records",
    "services.intake.partner_updates",
    "services.intake.rejecting",
    "services.pager.receipts",
    "services.pager.retrying",
    "services.pager.rosters",
)
SHARED = ("services.rules", "services.runtime", "services.cli")
SERVICES = sorted(
    dotted(folder / "__init__.py")
    for folder in (ROOT / "services").iterdir()
    if folder.is_dir() and any(folder.glob("*.py")) and dotted(folder / "__init__.py") not in SHARED
)
IMPURE_STANDARD = frozenset(
    {
        *(
            "asyncio",
            "ctypes",
            "http",
            "io",
            "logging",
            "multiprocessing",
            "os",
            "pathlib",
            "random",
            "secrets",
            "shutil",
        ),
        *(
            "signal",
            "socket",
            "socketserver",
            "sqlite3",
            "ssl",
            "subprocess",
            "sys",
            "tempfile",
            "threading",
            "time",
            "urllib",
        ),
    }
)
SEPARATE_PROCESS = re.compile(r"sender|load|oracle|verdict|simulat|dump|recount")


def pure_files() -> list[Path]:
    """What decides: all rules, and of a service with a machine everything but its edge files. It knows no world."""
    found = python_files("services/rules")
    for package in MACHINES:
        found += [path for path in python_files(package.replace(".", "/")) if path.stem not in EDGE_FILES]
    return found + [ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in EDGE_DECISIONS]


def folder_of(package: str) -> str:
    return package.replace(".", "/")


def offences(paths: list[Path], allowed: Callable[[str], bool]) -> dict[str, list[str]]:
    """Files and the imports in them that `allowed` refuses."""
    found = {relative(path): sorted(name for name in imports(path) if not allowed(name)) for path in paths}
    return {path: names for path, names in found.items() if names}


@pytest.mark.parametrize("package", SERVICES)
def test_a_service_imports_only_the_contract_the_rules_the_runtime_and_itself(package: str) -> None:
    allowed = ["schemas", "services.runtime", package]
    if package != "services.auditor":  # its own arithmetic is what makes it an auditor
        allowed.append("services.rules")
    paths = python_files(folder_of(package))
    assert offences(paths, lambda name: not ours(name) or within(name, *allowed)) == {}


def test_the_command_line_imports_beyond_that_only_pure_modules() -> None:
    pure = {dotted(path) for path in pure_files()}
    allowed = ("schemas", "services.rules", "services.runtime", "services.cli")
    paths = python_files("services/cli")
    assert (
        offences(
            paths, lambda name: not ours(name) or within(name, *allowed) or (name in pure and within(name, *MACHINES))
        )
        == {}
    )


def test_the_runtime_knows_no_service() -> None:
    allowed = ("schemas", "services.rules", "services.runtime")
    assert offences(python_files("services/runtime"), lambda name: not ours(name) or within(name, *allowed)) == {}


def test_the_contract_needs_nothing_but_pydantic_and_yaml() -> None:
    allowed = ("schemas", "pydantic", "pydantic_core", "yaml")
    assert offences(python_files("schemas"), lambda name: standard(name) or within(name, *allowed)) == {}


@pytest.mark.parametrize("path", pure_files(), ids=relative)
def test_a_pure_module_imports_only_what_has_no_effects(path: Path) -> None:
    home = dotted(path).rpartition(".")[0] if path.stem != "__init__" else dotted(path)
    pure = {dotted(other) for other in pure_files()}

    def allowed(name: str) -> bool:
        if standard(name):
            return name.partition(".")[0] not in IMPURE_STANDARD
        if within(name, "services"):
            return name in pure and within(name, "services.rules", ".".join(home.split(".")[:2]))
        return within(name, "schemas", "pydantic", "pydantic_core")

    assert offences([path], allowed) == {}


def test_the_local_stack_imports_nothing_from_the_services() -> None:
    assert offences(python_files("deploy"), lambda name: not within(name, "services", "tests")) == {}


def test_load_generators_simulated_responders_and_oracles_import_nothing_from_the_services() -> None:
    """They are separate processes that know only `.local/stack.json`, so that no bug of ours can hide in what judges it."""
    separate = [
        path
        for path in python_files("tests")
        if SEPARATE_PROCESS.search(path.stem) and not path.stem.startswith("test_")
    ]
    assert offences(separate, lambda name: not within(name, "services")) == {}


def test_no_product_module_imports_tests_or_the_local_stack() -> None:
    assert offences(python_files("services", "schemas"), lambda name: not within(name, "tests", "deploy")) == {}


def test_the_pure_list_is_not_empty() -> None:
    """Guards the tests above: a renamed folder must not make them pass by looking at nothing."""
    names = {dotted(path) for path in pure_files()}
    assert {"services.rules.triage", "services.router.machine", "services.responders.machine"} <= names
    assert {"services.intake", *MACHINES, "services.pager"} <= set(SERVICES)
