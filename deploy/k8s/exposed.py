"""`python -m deploy.k8s.exposed`: does the running stack expose every metric the dashboard names? Exit status 1 names the missing ones."""

import json
import re
import sys
import urllib.request
from collections.abc import Iterable
from pathlib import Path

DASHBOARD = Path(__file__).parent / "monitoring" / "dashboard.json"
STACK = Path(".local/stack.json")
NAME = re.compile(r"\b(?:sameroof|process)_[a-z0-9_]+\b")
KIND = re.compile(r"^# TYPE (\S+) (\S+)$", re.MULTILINE)


def named(dashboard: str) -> set[str]:
    """The metrics in a dashboard's expressions."""
    panels = json.loads(dashboard)["panels"]
    expressions = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    return {name for expression in expressions for name in NAME.findall(expression)}


def exposed(pages: Iterable[str]) -> set[str]:
    """The sample names declared on `/metrics` pages, those without a sample yet included."""
    declared = {match for page in pages for match in KIND.findall(page)}
    return {name + ("_bucket" if kind == "histogram" else "") for name, kind in declared}


def pages(stack: Path) -> list[str]:
    """`/metrics` of every process of a stack file. Raises `OSError` when one does not answer."""
    urls: dict[str, str] = json.loads(stack.read_text("utf-8"))["ops_urls"]
    found = []
    for url in urls.values():
        with urllib.request.urlopen(f"{url.rstrip('/')}/metrics", timeout=5) as answer:  # noqa: S310 - an address of this machine
            found.append(answer.read().decode())
    return found


def main() -> int:
    """Prints one line per missing metric."""
    missing = sorted(named(DASHBOARD.read_text("utf-8")) - exposed(pages(STACK)))
    for name in missing:
        print(f"{name}: on the dashboard, exposed by no process")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
