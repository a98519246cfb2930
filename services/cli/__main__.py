"""`sameroof`: what operators type."""

import argparse
import asyncio
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

from aiokafka.errors import KafkaConnectionError

from schemas.topics import every_topic
from services.cli import catalogue
from services.cli.explain import explain
from services.cli.lifecycles import LIFECYCLES, draw
from services.cli.stackfile import BUS, DEFAULT, WORD, Unreachable, bus_of, code_word, find
from services.runtime.settings import RuntimeSettings, load
from services.runtime.topics import TopicsRefused, create_or_verify


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="sameroof", description="Ask and tend a Sameroof installation.")
    verbs = top.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("explain", help="every decision on a case, in words")
    one.add_argument("case", help="the case's id")
    one.add_argument("--full", action="store_true", help="every repetition, and what each decision was made on")
    one.add_argument(
        "--covert", action="store_true", help=f"ask for the code word of a covert case, unless {WORD} is set"
    )
    one.add_argument("--stack", type=Path, default=DEFAULT, help="stack file to read (default: %(default)s)")
    one.add_argument("--role", default="supervisor", help="whose token of the stack file to use (default: %(default)s)")
    two = verbs.add_parser("topics", help="create missing topics; refuse those that differ from the contract")
    two.add_argument("--verify", action="store_true", help="create nothing, only compare")
    two.add_argument(
        "--partners", help="partner ids, comma separated (default: the stack file's, or SAMEROOF_PARTNERS)"
    )
    two.add_argument(
        "--stack", type=Path, default=DEFAULT, help=f"stack file to read unless {BUS} is set (default: %(default)s)"
    )
    three = verbs.add_parser("lifecycles", help=f"draw the lifecycles into {LIFECYCLES}")
    three.add_argument("--check", action="store_true", help="write nothing, fail if out of date")
    four = verbs.add_parser(
        "catalogue", help="who covers what; exit status 1 unless the catalogue is frozen as a release"
    )
    four.add_argument("--freeze", action="store_true", help="freeze it")
    return top


def main() -> None:
    """Run one verb; exit status 0, or 1 with the reason on standard error."""
    chosen = parser().parse_args()
    try:
        if chosen.verb == "explain":
            _explain(chosen)
        elif chosen.verb == "topics":
            _topics(chosen, create=not chosen.verify)
        elif chosen.verb == "catalogue":
            _catalogue(freeze=chosen.freeze)
        else:
            draw(check=chosen.check)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (Unreachable, TopicsRefused, ValueError) as refused:
        sys.exit(f"sameroof {chosen.verb}: {refused}")


def _explain(chosen: argparse.Namespace) -> None:
    stack = replace(find(chosen.stack, chosen.role), code_word=code_word(ask=chosen.covert))
    try:
        print(explain(stack, chosen.case, full=chosen.full))
    except Unreachable as refused:
        if stack.code_word or not str(refused).startswith("404"):
            raise
        raise Unreachable(f"{refused} A covert case needs its code word: --covert, or {WORD}.") from None


def _catalogue(*, freeze: bool) -> None:
    if freeze:
        print(catalogue.freeze_now())
        return
    print(catalogue.show())
    catalogue.require_frozen()


def _topics(chosen: argparse.Namespace, *, create: bool) -> None:
    stack = bus_of(chosen.stack)
    partners = next(
        one for one in (chosen.partners, stack.partners, os.environ.get("SAMEROOF_PARTNERS"), "") if one is not None
    )
    wanted = every_topic([one for one in partners.split(",") if one])
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a Kafka that is away is told below, once
    settings = load(RuntimeSettings, **stack.settings)
    try:
        made = asyncio.run(create_or_verify(settings, wanted, create=create))
    except KafkaConnectionError:
        raise Unreachable(
            f"Kafka at {settings.kafka_bootstrap_servers} does not answer; is the stack up? make up"
        ) from None
    print(f"{len(wanted)} topics as the contract says, {len(made)} of them made now")


if __name__ == "__main__":
    main()
