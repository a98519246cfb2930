"""The arguments every part of the demo takes, and the town they mean: the same for all, since each is a process of its own."""

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.demo.reports import Draft, mixed
from deploy.local.demo.stackfile import Stack, read_stack
from deploy.local.demo.town import Household, Responder, households, roster


@dataclass(frozen=True)
class Play:
    """Which town, how many reports, at which rate, against which stack."""

    stack_file: Path
    logs: Path
    seed: int
    households: int
    reports: int
    rate: float
    responders: int

    @property
    def stack(self) -> Stack:
        """The stack as its file says now."""
        return read_stack(self.stack_file)

    def town(self, stack: Stack) -> list[Household]:
        """Its households."""
        return households(self.seed, self.households, tuple(sorted(stack.partners)))

    def roster(self) -> list[Responder]:
        """Its responders and duty leads."""
        return roster(self.responders)

    def crowd(self, stack: Stack) -> list[tuple[float, Draft]]:
        """The mixed reports, each with the seconds after the start at which it is due."""
        drafts = mixed(self.seed, self.reports, self.town(stack), datetime.now(UTC))
        return [(number / self.rate, draft) for number, draft in enumerate(drafts)]

    def arguments(self) -> list[str]:
        """This play as arguments for another part."""
        return [
            *("--stack", str(self.stack_file), "--logs", str(self.logs), "--seed", str(self.seed)),
            *("--households", str(self.households), "--reports", str(self.reports), "--rate", str(self.rate)),
            *("--responders", str(self.responders)),
        ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The numbers of a play, with the demo's defaults."""
    parser.add_argument("--seed", type=int, default=2024, help="the town and its reports (default 2024)")
    parser.add_argument("--households", type=int, default=120)
    parser.add_argument("--reports", type=int, default=300, help="mixed reports besides the vignettes (default 300)")
    parser.add_argument("--rate", type=float, default=12.0, help="mixed reports a second (default 12)")
    parser.add_argument("--responders", type=int, default=5, help="responders per desk (default 5)")


def asked(program: str) -> Play:
    """The play a part was started for."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("--stack", type=Path, required=True)
    parser.add_argument("--logs", type=Path, required=True)
    add_arguments(parser)
    found = parser.parse_args()
    return play_of(found, found.stack, found.logs)


def play_of(found: argparse.Namespace, stack_file: Path, logs: Path) -> Play:
    """The play that parsed arguments mean."""
    return Play(stack_file, logs, found.seed, found.households, found.reports, found.rate, found.responders)
