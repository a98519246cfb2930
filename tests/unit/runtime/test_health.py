"""The operations port answers for its checks."""

import aiohttp
from prometheus_client import CollectorRegistry, Counter

from services.runtime.health import Health


async def test_checks_decide_and_metrics_and_state_are_shown() -> None:
    registry = CollectorRegistry()
    Counter("sameroof_tests", "Tests", registry=registry).inc()
    health = Health(registry)
    wrong: list[str] = []
    health.ready_if(lambda: wrong[0] if wrong else None)
    health.alive_if(lambda: None)

    async def state() -> dict[str, object]:
        return {"0": {"digest": "d"}}

    health.shows(state)
    runner, port = await health.serve("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/readyz")).status == 200
            wrong.append("membership is not held")
            refused = await client.get("/readyz")
            assert (refused.status, await refused.json()) == (503, {"ok": False, "wrong": ["membership is not held"]})
            assert (await client.get("/livez")).status == 200
            assert "sameroof_tests_total 1.0" in await (await client.get("/metrics")).text()
            assert await (await client.get("/state")).json() == {"0": {"digest": "d"}}
    finally:
        await runner.cleanup()


async def test_where_nothing_was_added_to_it_the_state_is_not_served() -> None:
    runner, port = await Health(CollectorRegistry()).serve("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/state")).status == 404
    finally:
        await runner.cleanup()
