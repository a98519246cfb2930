"""The image: small, not root, nothing unpinned. It cannot be built in a test, so its recipe is read."""

import re
import shlex
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[3]


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of each line of the Dockerfile, continuations joined."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def last_stage() -> list[tuple[str, str]]:
    told = instructions()
    last = max(index for index, (name, _) in enumerate(told) if name == "FROM")
    return told[last:]


def copied_from_the_context() -> set[str]:
    found: set[str] = set()
    for name, arguments in instructions():
        if name == "COPY" and "--from" not in arguments:
            found |= set(shlex.split(arguments)[:-1])
    return found


def test_both_stages_are_the_same_pinned_python_that_the_project_supports() -> None:
    bases = {arguments.split()[0] for name, arguments in instructions() if name == "FROM"}
    (base,) = bases
    version = re.fullmatch(r"python:(3\.\d+)-slim-[a-z]+", base)
    assert version
    floor = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert floor == f">={version[1]}"


def test_the_image_runs_as_a_numbered_user_without_rights() -> None:
    users = [arguments for name, arguments in last_stage() if name == "USER"]
    assert users == ["10001:10001"]  # a number, because runAsNonRoot cannot read names
    order = [name for name, _ in last_stage()]
    assert order.index("USER") > max(index for index, name in enumerate(order) if name in {"RUN", "COPY"})


def test_every_package_is_checked_against_its_hash_and_none_is_built() -> None:
    installs = [arguments for name, arguments in instructions() if name == "RUN" and "pip install" in arguments]
    (install,) = installs
    assert {"--require-hashes", "--only-binary=:all:", "--no-cache-dir"} <= set(shlex.split(install))
    assert shlex.split(install)[-2:] == ["-r", "requirements.lock"]


def test_nothing_is_fetched_but_the_locked_packages() -> None:
    for name, arguments in instructions():
        assert name != "ADD"
        assert not re.search(r"https?://|curl|wget|apt-get|git clone", arguments)


def test_the_small_parent_is_process_one() -> None:
    (entry,) = [arguments for name, arguments in last_stage() if name == "ENTRYPOINT"]
    assert entry == '["python", "-m", "services.runtime.supervise", "--"]'
    assert (ROOT / "services" / "runtime" / "supervise.py").is_file()


def test_the_image_holds_the_contract_and_the_services_and_not_what_tests_them() -> None:
    assert copied_from_the_context() == {"requirements.lock", "schemas", "services"}
    assert all((ROOT / name).exists() for name in copied_from_the_context())


def test_the_build_context_is_a_list_of_what_is_let_in() -> None:
    rules = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied_from_the_context()
    assert any(fnmatch("schemas/__pycache__", rule) for rule in rules[1:])
