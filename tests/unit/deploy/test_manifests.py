"""The base renders, is valid for Kubernetes, and every pod is restricted, watched, configured and allowed to finish."""

import importlib
import os
import tomllib
from typing import Any

import kubernetes_validate
import pytest
import yaml
from pydantic import AliasChoices

from schemas.words import Pillar
from services.runtime.settings import PREFIX, RuntimeSettings
from tests.unit.deploy.rendered import (
    BASE,
    ROOT,
    Manifest,
    command,
    container,
    documents,
    environment,
    name_of,
    of_kind,
    pod,
    references,
    services,
    settings_maps,
    workloads,
)

KUBERNETES = "1.37"
FROM_OUTSIDE = {
    ("ConfigMap", "sameroof-issuer"),
    ("ConfigMap", "sameroof-public"),
    ("Secret", "sameroof-kafka"),
    ("Secret", "sameroof-pages"),
}
SETTINGS = {
    ("services.intake", "api"): "services.intake.settings:ApiSettings",
    ("services.intake", "gateway"): "services.intake.gateway_settings:GatewaySettings",
    ("services.router",): "services.router.settings:RouterSettings",
    ("services.responders",): "services.responders.settings:RespondersSettings",
    ("services.pager",): "services.pager.settings:PagerSettings",
    ("services.cli", "topics"): "services.runtime.settings:RuntimeSettings",
}
READ_BESIDES: dict[tuple[str, ...], set[str]] = {
    ("services.cli", "topics"): {"SAMEROOF_PARTNERS"}
}  # an option of the command, with this default


def settings_of(workload: Manifest) -> type[RuntimeSettings]:
    """The settings model of the process a workload runs."""
    python, flag, *process = command(workload)
    assert (python, flag) == ("python", "-m")
    module, name = SETTINGS[tuple(process)].split(":")
    model: type[RuntimeSettings] = getattr(importlib.import_module(module), name)
    assert issubclass(model, RuntimeSettings)
    return model


def variables_of(model: type[RuntimeSettings]) -> set[str]:
    """The names of the variables a settings model reads."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            found |= {choice for choice in alias.choices if isinstance(choice, str)}
        else:
            found.add(alias if isinstance(alias, str) else (PREFIX + name).upper())
    return found


def test_every_manifest_is_valid_and_of_a_known_kind() -> None:
    assert len(documents()) > 20
    for document in documents():
        kubernetes_validate.validate(
            document, KUBERNETES, strict=True
        )  # an unknown kind raises here, it only warns elsewhere


def test_the_validation_refuses_a_misspelt_field_and_an_unknown_kind() -> None:
    """Guards the test above."""
    (broken,) = [
        yaml.safe_load(yaml.safe_dump(one)) for one in of_kind("Deployment") if name_of(one) == "Deployment/pager"
    ]
    broken["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, KUBERNETES, strict=True)
    with pytest.raises(kubernetes_validate.SchemaNotFoundError):
        kubernetes_validate.validate({"apiVersion": "example.org/v1", "kind": "Invented"}, KUBERNETES, strict=True)


def test_every_service_of_the_design_runs_and_nothing_else() -> None:
    desks = {f"StatefulSet/responders-{pillar}" for pillar in Pillar}
    edges = {"Deployment/intake-api", "Deployment/intake-gateway", "Deployment/pager"}
    assert {name_of(one) for one in workloads()} == {"StatefulSet/router", "Job/topics", *desks, *edges}


def test_everything_lives_in_the_one_restricted_namespace() -> None:
    (namespace,) = of_kind("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    others = [one for one in documents() if one["kind"] != "Namespace"]
    assert {one["metadata"].get("namespace") for one in others} == {namespace["metadata"]["name"]}


def test_every_pod_meets_the_restricted_standard() -> None:
    for workload in workloads():
        spec, inside = pod(workload), container(workload)["securityContext"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert inside["allowPrivilegeEscalation"] is False
        assert inside["readOnlyRootFilesystem"] is True
        assert inside["capabilities"] == {"drop": ["ALL"]}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert all({"emptyDir", "secret", "configMap"} & volume.keys() for volume in spec["volumes"])


def test_no_pod_holds_a_token_for_the_cluster() -> None:
    for workload in workloads():
        assert pod(workload)["automountServiceAccountToken"] is False
        assert pod(workload)["serviceAccountName"] == "sameroof"


def test_a_process_can_write_to_tmp_and_to_its_state_only() -> None:
    for workload in workloads():
        volumes = {volume["name"]: volume for volume in pod(workload)["volumes"]}
        mounts = container(workload)["volumeMounts"]
        writable = {mount["mountPath"] for mount in mounts if "emptyDir" in volumes[mount["name"]]}
        state = {value for name, value in environment(workload).items() if name == "SAMEROOF_STATE_DIR"}
        assert writable == {"/tmp", *state}
        assert {mount["name"] for mount in mounts} == volumes.keys()


def test_memory_is_guaranteed_and_processor_time_requested() -> None:
    for workload in workloads():
        resources = container(workload)["resources"]
        assert resources["requests"]["memory"] == resources["limits"]["memory"]
        assert "cpu" in resources["requests"]
        assert "cpu" not in resources["limits"]  # throttling would break the promises of milliseconds


def test_every_service_is_probed_on_the_operations_port() -> None:
    for workload in services():
        probes = {name: container(workload)[name] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert {name: probe["httpGet"] for name, probe in probes.items()} == {
            "startupProbe": {"path": "/livez", "port": "ops"},
            "livenessProbe": {"path": "/livez", "port": "ops"},
            "readinessProbe": {"path": "/readyz", "port": "ops"},
        }
        assert probes["startupProbe"]["periodSeconds"] * probes["startupProbe"]["failureThreshold"] == 60


def test_prometheus_finds_every_service_where_it_listens() -> None:
    for workload in services():
        annotations = workload["spec"]["template"]["metadata"]["annotations"]
        ports = {port["name"]: port["containerPort"] for port in container(workload)["ports"]}
        assert annotations["prometheus.io/scrape"] == "true"
        assert annotations["prometheus.io/path"] == "/metrics"
        assert annotations["prometheus.io/port"] == str(ports["ops"]) == environment(workload)["SAMEROOF_OPS_PORT"]
        assert environment(workload)["SAMEROOF_OPS_HOST"] == "0.0.0.0"


def test_a_processor_is_a_static_member_under_its_pods_name() -> None:
    for workload in services():
        assert environment(workload)["SAMEROOF_INSTANCE"].startswith(workload["metadata"]["name"])
    for workload in of_kind("StatefulSet"):
        assert workload["spec"]["podManagementPolicy"] == "Parallel"
        assert f"Service/{workload['spec']['serviceName']}" in {name_of(one) for one in of_kind("Service")}


def test_each_pillar_has_desks_of_its_own() -> None:
    pillars = {
        name_of(one): environment(one)["SAMEROOF_PILLAR"] for one in services() if "services.responders" in command(one)
    }
    assert pillars == {f"StatefulSet/responders-{pillar}": str(pillar) for pillar in Pillar}


def test_no_selector_reaches_the_pods_of_another_workload() -> None:
    labels = {name_of(one): one["spec"]["template"]["metadata"]["labels"] for one in workloads()}
    for selecting in (*services(), *of_kind("Service", "PodDisruptionBudget")):
        selector = selecting["spec"]["selector"]
        wanted = selector.get("matchLabels", selector)
        reached = [name for name, pod_labels in labels.items() if wanted.items() <= pod_labels.items()]
        assert [name.partition("/")[2] for name in reached] == [selecting["metadata"]["name"]]


def test_a_node_can_be_drained_without_stopping_a_service() -> None:
    budgets = {one["metadata"]["name"]: one["spec"] for one in of_kind("PodDisruptionBudget")}
    for workload in services():
        assert workload["spec"]["replicas"] >= 2
        assert budgets[workload["metadata"]["name"]]["maxUnavailable"] == 1
        (spread,) = pod(workload)["topologySpreadConstraints"]
        assert spread["topologyKey"] == "kubernetes.io/hostname"
        assert spread["labelSelector"]["matchLabels"] == workload["spec"]["selector"]["matchLabels"]


def test_a_service_has_time_to_finish() -> None:
    for workload in services():
        pause = container(workload).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert pod(workload)["terminationGracePeriodSeconds"] - pause >= 20


@pytest.mark.parametrize("process", sorted(SETTINGS), ids=".".join)
def test_a_process_reads_every_variable_it_is_given(process: tuple[str, ...]) -> None:
    """A misspelt variable is ignored by the process, so it has to be caught here."""
    (workload, *_) = [one for one in workloads() if tuple(command(one)[2:]) == process]
    read = variables_of(settings_of(workload)) | READ_BESIDES.get(process, set())
    assert environment(workload).keys() - read == set()


@pytest.mark.parametrize("process", sorted(SETTINGS), ids=".".join)
def test_a_process_starts_with_what_it_is_given(process: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for workload in [one for one in workloads() if tuple(command(one)[2:]) == process]:
        for name in [one for one in os.environ if one.startswith(PREFIX)]:
            monkeypatch.delenv(name)
        for name, value in environment(workload).items():
            monkeypatch.setenv(name, value)
        settings_of(workload)()


def test_every_process_is_known_to_these_tests() -> None:
    assert {tuple(command(one)[2:]) for one in workloads()} == SETTINGS.keys()


def test_what_the_base_needs_from_outside_is_what_its_readme_says() -> None:
    inside = {("ConfigMap", name) for name in settings_maps()}
    needed = {reference for workload in workloads() for reference in references(workload)} - inside
    assert needed == FROM_OUTSIDE
    readme = (ROOT / "deploy" / "k8s" / "README.md").read_text("utf-8")
    assert [name for _, name in FROM_OUTSIDE if f"`{name}`" not in readme] == []


def test_no_manifest_holds_a_secret() -> None:
    assert of_kind("Secret") == []
    plain = {name: value for values in settings_maps().values() for name, value in values.items()}
    assert not [name for name in plain if "PASSWORD" in name or "SECRET" in name or "TOKEN" in name]
    for workload in workloads():
        given = [
            one for one in container(workload).get("env", []) if "PASSWORD" in one["name"] or "SECRET" in one["name"]
        ]
        assert all("secretKeyRef" in one["valueFrom"] for one in given)


def test_the_image_is_this_release_and_comes_from_the_overlays_registry() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert {container(one)["image"] for one in workloads()} == {f"sameroof:{version}"}


def test_the_shared_settings_are_known_to_every_process() -> None:
    (shared,) = [one for name, one in settings_maps().items() if name.startswith("sameroof-settings")]
    assert shared
    assert shared.keys() - variables_of(RuntimeSettings) == set()


def test_every_file_of_the_base_is_used() -> None:
    used: set[str] = set()

    def visit(folder: Any) -> None:
        used.add(f"{folder}/kustomization.yaml")
        told = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
        for name in (*told.get("resources", []), *(one["path"] for one in told.get("patches", []) if "path" in one)):
            target = (folder / name).resolve()
            if target.is_dir():
                visit(target)
            used.add(str(target))

    visit(BASE)
    assert [str(path) for path in BASE.rglob("*.yaml") if str(path) not in used] == []
