"""The verdict: `python -m deploy.local.demo.verdict --stack FILE --logs DIR --out FILE [--dump FILE | --save-dump FILE]`.

Compares what senders know with what the topics hold, read_committed. Exit status 0 only if nothing is lost or done twice and
every book balances; each figure that does not is printed in words.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from confluent_kafka import KafkaException

from deploy.local.demo import dump as dumps
from deploy.local.demo.arrivals import arrivals_of, lost
from deploy.local.demo.balance import recounted, unbalanced, unread
from deploy.local.demo.doubles import duplicated
from deploy.local.demo.dump import Dump
from deploy.local.demo.figures import figures_of
from deploy.local.demo.sendlog import Sent, read_logs
from deploy.local.demo.stackfile import Stack, read_stack

_LOOK_AGAIN_SECONDS = 0.5
_MOST_WORDS = 20


@dataclass(frozen=True)
class Verdict:
    """The figures, and what is wrong in words; nothing wrong is the only good verdict."""

    figures: dict[str, Any]
    wrong: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether everything is accounted for, once."""
        return not self.wrong


def judge(dump: Dump, sent: Sequence[Sent]) -> Verdict:
    """The verdict on a dump and the senders' logs."""
    arrivals = arrivals_of(dump)
    missing, twice = lost(arrivals, sent), duplicated(dump, arrivals)
    wrong = [
        *(f"lost: {words}" for words in missing.values()),
        *(f"done twice: {words}" for words in twice.values()),
        *unbalanced(dump, arrivals),
        *unread(dump),
    ]
    if not sent:
        wrong.append("no sender wrote a log: there is nothing to compare with")
    figures = figures_of(dump, arrivals, sent)
    figures |= {"lost": len(missing), "duplicated": len(twice), "books": recounted(dump, arrivals)}
    return Verdict({**figures, "balanced": not wrong}, tuple(wrong))


def settled_dump(stack: Stack, sent: Sequence[Sent], *, within: float) -> Dump:
    """The first dump that balances, or the last one before time ran out: topics are read one after the other, not at one instant."""
    until = time.monotonic() + within
    while True:
        dump = dumps.take(stack.bootstrap_servers, _received(stack))
        if time.monotonic() > until or judge(dump, sent).balanced:
            return dump
        time.sleep(_LOOK_AGAIN_SECONDS)


def _received(stack: Stack) -> list[dict[str, Any]]:
    with urlopen(stack.page_sink_url, timeout=10) as answer:
        return [json.loads(line) for line in answer.read().decode().splitlines()]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.demo.verdict")
    parser.add_argument("--stack", type=Path, required=True, help="the stack file; not read with --dump")
    parser.add_argument("--logs", type=Path, required=True, help="folder of the senders' logs")
    parser.add_argument("--out", type=Path, required=True, help="where the figures go, as JSON")
    parser.add_argument("--settle", type=float, default=30.0, help="seconds to wait for the last records (default 30)")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--dump", type=Path, help="judge this saved dump instead of the running stack")
    kept.add_argument("--save-dump", type=Path, help="keep the dump that was judged")
    return parser.parse_args()


def main() -> int:
    """The command line above."""
    asked = _asked()
    sent = read_logs(asked.logs)
    try:
        dump = (
            dumps.load(asked.dump) if asked.dump else settled_dump(read_stack(asked.stack), sent, within=asked.settle)
        )
    except (KafkaException, OSError) as away:
        print(f"No verdict: {away}", file=sys.stderr)
        return 1
    if asked.save_dump:
        dumps.save(dump, asked.save_dump)
    verdict = judge(dump, sent)
    part = asked.out.with_name(f"{asked.out.name}.part")
    part.write_text(json.dumps({**verdict.figures, "wrong": list(verdict.wrong[:_MOST_WORDS])}, indent=2) + "\n")
    part.replace(asked.out)
    for words in verdict.wrong[:_MOST_WORDS]:
        print(words, file=sys.stderr)
    if len(verdict.wrong) > _MOST_WORDS:
        print(f"... and {len(verdict.wrong) - _MOST_WORDS} more", file=sys.stderr)
    return 0 if verdict.balanced else 1


if __name__ == "__main__":
    sys.exit(main())
