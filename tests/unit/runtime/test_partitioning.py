"""Keys land where every other Kafka client puts them."""

import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.partitioning import murmur2, partition_of

# Of org.apache.kafka.common.utils.UtilsTest.testMurmur2, as signed 32-bit numbers.
JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("data", JAVA)
def test_murmur2_is_the_java_clients(data: bytes) -> None:
    assert murmur2(data) == JAVA[data] & 0xFFFFFFFF


@given(st.binary(max_size=80))
def test_murmur2_is_aiokafkas(data: bytes) -> None:
    assert murmur2(data) == aiokafka_murmur2(data) & 0xFFFFFFFF


@given(st.text(max_size=60), st.integers(1, 50))
def test_a_partition_is_in_range(key: str, count: int) -> None:
    assert 0 <= partition_of(key, count) < count
