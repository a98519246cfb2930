"""`python -m services.router`: one router process; partitions are shared among as many as run."""

import weakref

from prometheus_client import CollectorRegistry

from services.router.machine import WIRING, RouterMachine
from services.router.metrics import Books, RouterMetrics
from services.router.settings import RouterSettings
from services.runtime.hosting import host, processor
from services.runtime.settings import load


def main() -> None:
    """Read settings and catalogue, then run until told to stop."""
    settings = load(RouterSettings)
    releases = settings.releases()
    owned: weakref.WeakValueDictionary[int, RouterMachine] = weakref.WeakValueDictionary()

    def machine(partition: int) -> RouterMachine:
        owned[partition] = made = RouterMachine(releases.own, releases)
        return made

    def observe(registry: CollectorRegistry) -> RouterMetrics:
        registry.register(Books(owned))
        return RouterMetrics(registry)

    host("router", settings, processor(WIRING, machine, observe=observe))


if __name__ == "__main__":
    main()
