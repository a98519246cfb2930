"""How our Kafka clients reach the bus and leave it: one place turns settings into aiokafka's arguments."""

import asyncio
import ssl
from typing import Any

from services.runtime.settings import RuntimeSettings

RETRY_BACKOFF_MS = 100  # readers; with the bus away a shorter one is a busy loop
REQUEST_TIMEOUT_MS = 8_000
STOP_SECONDS = 1.0


def client_options(settings: RuntimeSettings, client_id: str) -> dict[str, Any]:
    """Keyword arguments every aiokafka client takes; needs a running loop only for the client itself."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "client_id": client_id,
        "retry_backoff_ms": RETRY_BACKOFF_MS,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        "metadata_max_age_ms": 60_000,
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if settings.kafka_security_protocol.startswith("SASL"):
        assert settings.kafka_password is not None, "SAMEROOF_KAFKA_PASSWORD is needed with SASL"
        options |= {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    return options


async def stop_client(client: Any) -> None:
    """Stops an aiokafka client within a second; one that will not stop is left to the end of the process.

    It stops in a task of its own, one step later: a consumer stopped in the very step it was assigned in cancels a task
    of its own that never ran, and that cancellation would otherwise look like ours.
    """
    await asyncio.sleep(0)
    stopping = asyncio.ensure_future(client.stop())
    await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if stopping.done() and not stopping.cancelled():
        stopping.exception()
    else:
        stopping.cancel()
