"""A Kafka somebody else runs, named by KAFKA_BOOTSTRAP_SERVERS."""

from dataclasses import dataclass

from deploy.local.broker import BrokerFailed, OutOfReach, wait_until_ready
from deploy.local.missing import Away

VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
_ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class GivenBroker:
    """Used as it is: never stopped, never cleaned."""

    bootstrap_servers: str
    kind: str = "given"
    nodes: tuple[int, ...] = ()

    def start(self) -> None:
        """Nothing: it runs."""

    def kill(self, node: int = 1) -> None:
        """Raises OutOfReach."""
        raise OutOfReach(
            f"node {node} of {self.bootstrap_servers} is not ours: unset {VARIABLE} to let Sameroof start its own"
        )

    stop = restart = pause = resume = kill

    def record(self) -> dict[str, object]:
        """Its address."""
        return {"kind": self.kind, "bootstrap_servers": self.bootstrap_servers}

    def close(self, *, keep_data: bool = False) -> None:
        """Nothing: it stays as it is."""


def given(bootstrap_servers: str) -> GivenBroker:
    """The broker at this address; raises Away when it does not answer within seconds."""
    try:
        wait_until_ready(bootstrap_servers, nodes=1, seconds=_ANSWER_SECONDS, alive=lambda: True)
    except BrokerFailed as failure:
        remedy = f"start it, or unset {VARIABLE} to let Sameroof start its own"
        raise Away(f"The Kafka at {VARIABLE}={bootstrap_servers}", remedy) from failure
    return GivenBroker(bootstrap_servers)
