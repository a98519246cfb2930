"""The project's source as these tests read it: files, their dotted names, what each imports. Nothing is executed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
EDGE_FILES = frozenset({"__main__", "settings", "metrics", "stream"})


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the project, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    """The path as messages show it."""
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """`services/router/machine.py` is `services.router.machine`; a package is its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), relative(path))


def imports(path: Path) -> set[str]:
    """The modules a file imports, anywhere in it, by their dotted names; imported submodules of ours are spelt out."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= set(_from(node.module, [alias.name for alias in node.names]))
    return found


def _from(module: str, names: list[str]) -> Iterator[str]:
    folder = ROOT.joinpath(*module.split("."))
    submodules = [name for name in names if (folder / name).is_dir() or (folder / f"{name}.py").is_file()]
    yield from (f"{module}.{name}" for name in submodules)
    if len(submodules) < len(names):
        yield module


def within(module: str, *packages: str) -> bool:
    """Whether a dotted name is one of these packages or lies in one."""
    return any(module == package or module.startswith(package + ".") for package in packages)


def standard(module: str) -> bool:
    """Whether a module belongs to Python itself."""
    return module.partition(".")[0] in sys.stdlib_module_names


def ours(module: str) -> bool:
    """Whether a module belongs to this project."""
    return within(module, "schemas", "services", "deploy", "tests")


def project_files() -> list[Path]:
    """What git tracks or would track: everything a clone or a commit could contain."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    paths = {ROOT / name for name in listed.stdout.decode().split("\0") if name}
    return sorted(path for path in paths if path.is_file())
