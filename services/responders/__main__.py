"""`python -m services.responders`: the desks of one pillar (`SAMEROOF_PILLAR`); partitions are shared among as many as run."""

import weakref

from prometheus_client import CollectorRegistry

from services.responders.machine import DesksMachine, wiring
from services.responders.metrics import RespondersMetrics, Standing
from services.responders.settings import RespondersSettings
from services.runtime.hosting import host, processor
from services.runtime.settings import load


def main() -> None:
    """Read settings and catalogue, then run until told to stop."""
    settings = load(RespondersSettings)
    releases = settings.releases()
    owned: weakref.WeakValueDictionary[int, DesksMachine] = weakref.WeakValueDictionary()

    def machine(partition: int) -> DesksMachine:
        owned[partition] = made = DesksMachine(settings.pillar, releases.own, releases)
        return made

    def observe(registry: CollectorRegistry) -> RespondersMetrics:
        registry.register(Standing(settings.pillar, owned))
        return RespondersMetrics(registry)

    host(f"responders-{settings.pillar}", settings, processor(wiring(settings.pillar), machine, observe=observe))


if __name__ == "__main__":
    main()
