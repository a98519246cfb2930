"""`sameroof lifecycles`: the docs' diagrams, drawn from the transition tables so that they cannot differ."""

import sys
from pathlib import Path

from services.rules.lifecycle import CASE, CLOCK, TRACK, as_mermaid

LIFECYCLES = Path("docs/lifecycles.md")


def draw(*, check: bool) -> None:
    """Write the page; with `check` raise `ValueError` when it is out of date instead."""
    page = _page()
    if not check:
        LIFECYCLES.parent.mkdir(exist_ok=True)
        LIFECYCLES.write_text(page, "utf-8")
    elif not LIFECYCLES.exists() or LIFECYCLES.read_text("utf-8") != page:
        raise ValueError(f"{LIFECYCLES} is out of date: run sameroof lifecycles")


def _page() -> str:
    return (
        "# Lifecycles\n\nDrawn by `sameroof lifecycles` from `services/rules/lifecycle.py`; a move that is not drawn is refused.\n\n"
        f"## Case\n\n```mermaid\n{as_mermaid(CASE)}```\n\n## Track\n\n```mermaid\n{as_mermaid(TRACK)}```\n\n"
        f"## Clock\n\n```mermaid\n{as_mermaid(CLOCK)}```\n"
    )


if __name__ == "__main__":
    try:
        draw(check="--check" in sys.argv)
    except ValueError as stale:
        sys.exit(str(stale))
