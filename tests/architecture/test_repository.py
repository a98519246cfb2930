"""What a clone contains: no package index, no secret, no command in the docs that does not exist."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, project_files, relative

REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|pypi\.python\.org|registry\.npmjs|npmjs\.(?:com|org)|registry\.yarnpkg"
    r"|repo1?\.maven|maven\.apache\.org/(?:repo|maven2)|repo\.maven\.apache|central\.sonatype"
    r"|(?:docker|ghcr|quay|gcr|mcr\.microsoft)\.(?:io|com)|registry\.k8s\.io|public\.ecr\.aws"
    r"|proxy\.golang\.org|crates\.io|deb\.debian\.org|(?<!no-emit-)(?:extra-)?index-url|PIP_INDEX|--find-links|trusted-host",
    re.IGNORECASE,
)
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root)/[a-z]")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".in",
    ".lock",
    ".cfg",
    ".sh",
    ".xml",
    ".sql",
    ".html",
    ".js",
    ".css",
    "",
}
FILES = [path for path in project_files() if path.suffix in TEXT]


def hits(pattern: re.Pattern[str]) -> list[str]:
    """`path:line` of every line of the project that matches; this file spells the patterns and is left out."""
    found = []
    for path in FILES:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{relative(path)}:{number}")
    return found


def make_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text("utf-8")
    named = re.findall(r"^([a-z][a-z-]*)\s*:(?!=)", text, re.MULTILINE)
    return set(named)


def documented_targets(text: str) -> set[str]:
    """`make x` in inline code, or on a line of a fenced block; prose that says "make sure" is no command."""
    fenced = "\n".join(re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    in_blocks = re.findall(r"^\s*(?:\$ )?make ([a-z][a-z-]*)", fenced, re.MULTILINE)
    return {*in_blocks, *re.findall(r"`make ([a-z][a-z-]*)[^`]*`", text)}


def test_no_file_names_a_package_index_or_an_image_registry() -> None:
    """Everyone installs from where their own configuration says."""
    assert not hits(REGISTRIES), "\n".join(hits(REGISTRIES))


def test_no_file_holds_a_private_key() -> None:
    assert not hits(PRIVATE_KEY), "\n".join(hits(PRIVATE_KEY))


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert not hits(MACHINE_PATH), "\n".join(hits(MACHINE_PATH))


def test_every_requirement_is_pinned_with_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text("utf-8"))
        pinned = [block for block in blocks if "==" in block.splitlines()[0]]
        assert pinned
        assert [block.splitlines()[0] for block in pinned if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".md"], ids=relative)
def test_every_documented_make_target_exists(path: Path) -> None:
    assert documented_targets(path.read_text("utf-8")) - make_targets() == set()


def test_the_readers_of_makefile_and_docs_see_what_they_should() -> None:
    """Guards the test above."""
    assert {"help", "env", "quick"} <= make_targets()
    text = "Please make sure. Run `make quick ARGS=1`.\n```sh\n$ make demo\nmake test\n```\n"
    assert documented_targets(text) == {"quick", "demo", "test"}
