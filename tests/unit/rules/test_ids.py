"""Ids come from their cause: the same on any node, different for any other cause."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from services.rules.ids import NAMESPACE, derived

PARTS = st.lists(st.text(max_size=20) | st.integers(), max_size=4)


@given(st.text(min_size=1, max_size=20), PARTS)
def test_an_id_is_a_uuid5_of_its_cause(kind: str, cause: list[str | int]) -> None:
    name = kind + "".join(f"|{len(str(part))}:{part}" for part in cause)
    assert UUID(derived(kind, *cause)) == uuid5(NAMESPACE, name)


@given(PARTS, PARTS)
def test_two_causes_have_two_ids(one: list[str | int], other: list[str | int]) -> None:
    same = [str(part) for part in one] == [str(part) for part in other]
    assert same == (derived("thing", *one) == derived("thing", *other))
