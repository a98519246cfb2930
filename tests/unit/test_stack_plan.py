"""Which processes the one-machine stack starts, and with which settings."""

from collections.abc import Mapping
from pathlib import Path

from deploy.local import plan
from deploy.local.plan import Wiring

WIRING = Wiring(
    home=Path("/stack"),
    python="python",
    bootstrap_servers="127.0.0.1:1",
    replication=1,
    ports={name: port for port, name in enumerate([*plan.SERVICES, "http", "sink"], start=2000)},
    issuer={"jwks": "/stack/jwks.json", "issuer": "urn:issuer", "audience": "audience", "tokens": {}},
    secrets={"WEBHOOK_SECRET": "secret", "BOARD_CODE": "code"},
)


def environments(given: Mapping[str, str] | None = None) -> dict[str, Mapping[str, str]]:
    return {process.name: process.environment for process in plan.processes(WIRING, given or {})}


def test_there_is_one_desk_process_for_each_pillar() -> None:
    pillars = [env.get("SAMEROOF_PILLAR") for env in environments().values()]
    assert sorted(filter(None, pillars)) == ["financial", "legal", "psychological", "technical"]


def test_no_two_processes_share_member_id_operations_port_or_state() -> None:
    for name in ("SAMEROOF_INSTANCE", "SAMEROOF_OPS_PORT", "SAMEROOF_STATE_DIR"):
        values = [env[name] for env in environments().values()]
        assert len(set(values)) == len(values) == len(plan.SERVICES)


def test_every_process_runs_under_the_parent_that_restarts_it() -> None:
    for process in plan.processes(WIRING, {}):
        assert process.command[:4] == ("python", "-m", "services.runtime.supervise", "--")


def test_what_the_person_sets_goes_before_our_defaults_but_never_before_the_wiring() -> None:
    given = {
        "SAMEROOF_CATALOGUE": "/mine",
        "SAMEROOF_DESK_PARTITIONS": "6",
        "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS": "elsewhere:9092",
        "PATH": "/bin",
    }
    for env in environments(given).values():
        assert env["SAMEROOF_CATALOGUE"] == "/mine"
        assert env["SAMEROOF_DESK_PARTITIONS"] == "6"
        assert env["SAMEROOF_HOUSEHOLD_PARTITIONS"] == "4"
        assert env["SAMEROOF_KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:1"
        assert env["PATH"] == "/bin"


def test_each_partner_is_described_by_its_doors() -> None:
    assert plan.partners({"SAMEROOF_PARTNERS": "telco-a"}) == {
        "telco-a": {
            "incidents": "partner.telco-a.incidents",
            "incidents_p0": "partner.telco-a.incidents.p0",
            "households": "partner.telco-a.households",
            "cases": "partner.telco-a.cases",
        }
    }
