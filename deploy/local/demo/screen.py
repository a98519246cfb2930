"""The terminal: a few lines that redraw themselves; plain lines as things happen where there is no terminal."""

import os
import shutil
import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO

from deploy.local.demo.town import PILLARS, REGIONS
from deploy.local.demo.watching import ASKED, DONE, TAKEN, WAITING, Standing

BANDS = ("P0", "P1", "P2", "P3")
_PLAIN_EVERY_SECONDS = 5.0
_KEPT_LINES = 6
_WIDEST = 110
_INDENT = " " * 9
_BOLD, _DIM, _RED, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[0m"


def table(standing: Standing) -> list[str]:
    """Desks by band: waiting or being asked, and taken; the last column is done. Fits 80 columns."""
    counts = standing.counts()
    lines = [
        f"  {'':<18}" + "".join(f"{band:>11}" for band in BANDS),
        f"  {'desk':<18}" + f"{'wait':>5}{'taken':>6}" * len(BANDS) + "  done",
    ]
    for desk in (f"{pillar}-{region}" for pillar in PILLARS for region in REGIONS):
        cells = ""
        for band in BANDS:
            waiting = counts[desk, band, WAITING] + counts[desk, band, ASKED]
            cells += f"{waiting or '.':>5}{counts[desk, band, TAKEN] or '.':>6}"
        done = sum(counts[desk, band, DONE] for band in BANDS)
        lines.append(f"  {desk:<18}{cells}{done or '.':>6}")
    return lines


def totals(standing: Standing) -> str:
    """One line of sums."""
    by_state = standing.totals()
    return (
        f"{len(standing.cases)} cases, {by_state.total()} tracks: {by_state[WAITING] + by_state[ASKED]} waiting,"
        f" {by_state[TAKEN]} taken, {by_state[DONE]} done; {standing.offers} offers, {len(standing.pages)} pages"
    )


@dataclass
class Screen:
    """What is shown now: the act's sentence, and the last things that happened."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    began: float = field(default_factory=time.monotonic)
    act: str = ""
    happened: list[str] = field(default_factory=list)
    _drawn: int = 0
    _said_at: float = 0.0

    @property
    def live(self) -> bool:
        """Whether lines can be redrawn."""
        return self.out.isatty() and self.environment.get("TERM", "dumb") != "dumb"

    @property
    def seconds(self) -> float:
        """Since the play began."""
        return time.monotonic() - self.began

    def begin(self, act: str) -> None:
        """Another act."""
        self.act = act
        if not self.live:
            self._print(f"\n{self.seconds:5.1f} s  {act}")

    def tell(self, what: str) -> None:
        """Something happened worth a line."""
        self.happened = [*self.happened, f"{self.seconds:5.1f} s  {what}"][-_KEPT_LINES:]
        if not self.live:
            self._print(f"{self.seconds:5.1f} s    {what}")

    def paint(self, standing: Standing) -> None:
        """Shows how things stand; plain lines only now and then."""
        if self.live:
            self._redraw(standing)
        elif time.monotonic() - self._said_at > _PLAIN_EVERY_SECONDS:
            self._said_at = time.monotonic()
            self._print(f"{self.seconds:5.1f} s    {totals(standing)}")

    def leave(self, standing: Standing) -> None:
        """Paints for the last time; what is printed later comes below."""
        self._said_at = 0.0
        self.paint(standing)
        self._drawn = 0

    def _redraw(self, standing: Standing) -> None:
        size = shutil.get_terminal_size()
        width = min(size.columns - 1, _WIDEST)
        lines = [
            "",
            *(f"{_BOLD}{one}{_PLAIN}" for one in textwrap.wrap(self.act, width)),
            "",
            *(one[:width] for one in table(standing)),
            "",
            *textwrap.wrap(f"{self.seconds:5.1f} s  {totals(standing)}", width, subsequent_indent=_INDENT),
            f"{_DIM}{'-' * width}{_PLAIN}",
            *(line for what in self.happened for line in _wrapped(what, width)),
        ][: size.lines - 1]
        up = f"\x1b[{self._drawn}F" if self._drawn else ""
        self.out.write(up + "".join(f"\x1b[2K{line}\n" for line in lines) + "\x1b[J")
        self.out.flush()
        self._drawn = len(lines)

    def _print(self, line: str) -> None:
        print(line, file=self.out, flush=True)


def _wrapped(what: str, width: int) -> list[str]:
    """One thing that happened as lines that never wrap by themselves; a page stands out."""
    lines = textwrap.wrap(what, width, subsequent_indent=_INDENT)
    return [f"{_RED}{line}{_PLAIN}" for line in lines] if "PAGE" in what else lines
