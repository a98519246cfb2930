"""A choice of release is numbered once, and every partition is told exactly once, in the transaction of the choice."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from schemas import topics
from schemas.active_release import CHOICE_KEY, CHOOSE, CatalogueChoose, CatalogueSwitch
from schemas.base import Actor
from schemas.catalogue import Catalogue, Releases
from schemas.envelope import Event, encode
from schemas.outcomes import OutcomeDone, OutcomeRefused
from schemas.topics import Sizing
from schemas.words import Pillar, Role
from services.router.machine import RouterMachine
from services.rules.machine import Effects, Message
from services.runtime.partitioning import key_of_each_partition, partition_of
from tests.shipped import CATALOGUE

NOW = datetime(2026, 3, 20, 21, 40, tzinfo=UTC)
HOUSEHOLDS, DESKS = 12, 6
OWN = CATALOGUE
OTHER = OWN.model_copy(update={"version": "0123456789abcdef"})


@pytest.fixture
def router() -> RouterMachine:
    return RouterMachine(OWN, Releases(OWN, [OTHER]))


def chosen(router: RouterMachine, release: Catalogue = OTHER, *, command: str = "c-1", seen: int = 0) -> Effects:
    """What a router does about a choice sent by intake."""
    choice = CatalogueChoose(
        command_id=command,
        actor=Actor(role=Role.SUPERVISOR, id="supervisor-2"),
        received_at=NOW,
        expected_version=seen,
        release=release.version,
        household_keys=key_of_each_partition(CHOICE_KEY, HOUSEHOLDS),
        desk_keys=key_of_each_partition(CHOICE_KEY, DESKS),
    )
    value, headers = encode(Event(command, CHOOSE, "urn:sameroof:intake", NOW, choice, CHOICE_KEY))
    return router.handle(Message(topics.COMMANDS.name, 0, 7, CHOICE_KEY.encode(), value, headers, NOW), NOW)


def switches(effects: Effects) -> list[tuple[str, int, CatalogueSwitch]]:
    """Topic, partition and content of every switch sent."""
    return [
        (send.topic.name, partition_of(send.partition_by, HOUSEHOLDS if send.topic.sizing is Sizing.HOUSEHOLD else DESKS), send.body.data)
        for send in effects.sends
        if isinstance(send.body, Event) and isinstance(send.body.data, CatalogueSwitch)
    ]  # fmt: skip


def outcome(effects: Effects) -> OutcomeDone | OutcomeRefused:
    (told,) = [
        send.body.data
        for send in effects.sends
        if isinstance(send.body, Event) and isinstance(send.body.data, OutcomeDone | OutcomeRefused)
    ]
    return told


def test_every_partition_of_the_router_and_of_every_desk_is_told_once(router: RouterMachine) -> None:
    told = Counter((topic, partition) for topic, partition, _ in switches(chosen(router)))
    wanted = {("commands", one) for one in range(HOUSEHOLDS)}
    wanted |= {(f"commands.{pillar}", one) for pillar in Pillar for one in range(DESKS)}
    assert told == Counter(wanted)


def test_all_are_told_the_same_release_under_the_same_number_and_different_ids(router: RouterMachine) -> None:
    told = [switch for _, _, switch in switches(chosen(router))]
    assert {(one.release, one.number) for one in told} == {(OTHER.version, 1)}
    assert len({one.command_id for one in told}) == len(told)


def test_the_choice_is_saved_in_the_transaction_that_tells_of_it(router: RouterMachine) -> None:
    saved = {save.key for save in chosen(router).saves}
    assert "catalogue/choice" in saved


def test_the_partition_that_numbers_the_choice_switches_when_it_is_told_not_before(router: RouterMachine) -> None:
    chosen(router)
    assert router.catalogue.version == OWN.version


def test_a_choice_sent_again_is_answered_again_and_tells_nobody(router: RouterMachine) -> None:
    chosen(router)
    again = chosen(router)
    told = outcome(again)
    assert isinstance(told, OutcomeDone)
    assert (told.version, told.repeated, switches(again)) == (1, True, [])


def test_who_saw_an_older_choice_is_refused_and_tells_nobody(router: RouterMachine) -> None:
    chosen(router)
    late = chosen(router, OWN, command="c-2", seen=0)
    told = outcome(late)
    assert isinstance(told, OutcomeRefused)
    assert (told.reason, told.version, switches(late)) == ("stale_version", 1, [])


def test_the_same_release_chosen_again_reaches_whoever_was_left_behind(router: RouterMachine) -> None:
    chosen(router)
    again = switches(chosen(router, command="c-2", seen=1))
    assert {switch.number for _, _, switch in again} == {2}
    assert len(again) == HOUSEHOLDS + DESKS * len(Pillar)
