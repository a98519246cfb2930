"""What the demo says in the end: the figures as a table, and three things to try on the stack that is still up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.demo.short_clocks import ACKNOWLEDGE, LEAD_P0
from deploy.local.demo.stackfile import Stack

_TRY = '{"code":"threat","signals":["physical_danger"],"country":"BE","personal":{"free_text":"He is at my door"}}'


def table(figures: Mapping[str, Any]) -> list[str]:
    """The figures of `.local/demo.json`, one a line."""
    books = figures["books"]
    read = f"{books['read']} = {books['attached']} attached + {books['repeated']} repeated + {books['dead_lettered']} dead-lettered"
    by_pillar = ", ".join(f"{count} {pillar}" for pillar, count in figures["tracks"].items())
    rows = [
        ("reports taken", f"{figures['reports']}, by the senders' logs"),
        ("reports read", read),
        ("dead letters", f"{figures['dead_letters']} in all, partners' doors included"),
        ("cases opened", f"{books['opened']} = {books['open']} open + {books['closed']} closed + {books['merged']} merged"),
        ("tracks", f"{sum(figures['tracks'].values())}: {by_pillar}"),
        ("offered, accepted", f"{figures['offered']}, {figures['accepted']}"),
        ("with nobody", figures["unassigned"]),
        ("pages", f"{figures['pages']}, {figures['pages_acknowledged']} acknowledged"),
        ("lost", figures["lost"]),
        ("done twice", figures["duplicated"]),
        *((f"receipt to offer {band}", f"p50 {wait['p50']:.0f} ms, p99 {wait['p99']:.0f} ms ({wait['tracks']} tracks)")
          for band, wait in figures["receipt_to_offer_ms"].items()),
        *((f"promised {band}", _promise(band)) for band in ("P0", "P1") if band in figures["receipt_to_offer_ms"]),
    ]  # fmt: skip
    return [f"  {name:<20}{what}" for name, what in rows]


def _promise(band: str) -> str:
    """What the demo's clocks allow until a responder has accepted."""
    lead = f"{LEAD_P0['acknowledge']} (the desk that leads) or " if band == "P0" else ""
    return f"offered and accepted within {lead}{ACKNOWLEDGE[band]} of receipt"


def things_to_try(stack: Stack, stack_file: Path, case_id: str, *, down: str) -> list[str]:
    """Commands to copy; `down` is the one that ends the stack. The token is read from the stack file, so that it is in no shell history."""
    elsewhere = "" if stack_file == Path(".local/stack.json") else f" --stack {stack_file}"
    token = f'python3 -c \'import json; print(json.load(open("{stack_file}"))["tokens"]["agent"])\''
    return [
        "",
        "The stack is still up. Three things to try:",
        "",
        "1. Report a threat. Nobody is at the desks any more, so after 20 seconds its page is on the board.",
        "",
        f'   curl -sS {stack.api_url}/v1/incidents -H "Authorization: Bearer $({token})" \\',
        "     -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first-report' \\",
        f"     -d '{_TRY}'",
        "",
        f"2. Look at the board: {stack.board_url}",
        "",
        f"3. Ask why a case was decided as it was: .venv/bin/sameroof explain {case_id}{elsewhere}",
        "",
        f"To end it: {down}",
    ]
