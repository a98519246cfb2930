"""The base manifests as `kubectl kustomize` renders them, and questions about them."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.tools import TOOLS

ROOT = Path(__file__).parents[3]
BASE = ROOT / "deploy" / "k8s" / "base"
Manifest = dict[str, Any]


def kubectl() -> str:
    """The command. Skips with one line where it is missing: CI reports that too instead of failing (deploy/local/tools.py)."""
    wanted = TOOLS["kubectl"]
    found = wanted.find()
    if found is None:
        pytest.skip(f"kubectl is missing, needed for {wanted.needed_for}: {wanted.remedy}")
    return found


@cache
def documents() -> tuple[Manifest, ...]:
    """Every rendered manifest of the base."""
    done = subprocess.run([kubectl(), "kustomize", str(BASE)], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return tuple(document for document in yaml.safe_load_all(done.stdout) if document)


def of_kind(*kinds: str) -> list[Manifest]:
    return [document for document in documents() if document["kind"] in kinds]


def name_of(document: Manifest) -> str:
    """`Deployment/pager`."""
    return f"{document['kind']}/{document['metadata']['name']}"


def workloads() -> list[Manifest]:
    """Everything that makes pods."""
    return of_kind("Deployment", "StatefulSet", "Job")


def services() -> list[Manifest]:
    """The workloads that run for ever."""
    return of_kind("Deployment", "StatefulSet")


def pod(workload: Manifest) -> Manifest:
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def container(workload: Manifest) -> Manifest:
    (only,) = pod(workload)["containers"]
    assert isinstance(only, dict)
    return only


def command(workload: Manifest) -> list[str]:
    """What the container runs: its arguments after the image's entry point, or what replaces both."""
    inside = container(workload)
    told: list[str] = inside["command"] if "command" in inside else inside["args"]
    return told


def settings_maps() -> dict[str, dict[str, str]]:
    return {one["metadata"]["name"]: one["data"] for one in of_kind("ConfigMap")}


def environment(workload: Manifest) -> dict[str, str]:
    """The variables of a container; what comes from outside the manifests is stood in for by its key's name."""
    found: dict[str, str] = {}
    sources: list[Manifest] = container(workload).get("envFrom", [])
    for source in sources:
        found |= settings_maps()[source["configMapRef"]["name"]]
    listed: list[Manifest] = container(workload).get("env", [])
    for variable in listed:
        found[variable["name"]] = (
            variable["value"] if "value" in variable else stand_in(workload, variable["valueFrom"])
        )
    return found


def stand_in(workload: Manifest, origin: Manifest) -> str:
    if "fieldRef" in origin:
        assert origin["fieldRef"]["fieldPath"] == "metadata.name"
        suffix = "0" if workload["kind"] == "StatefulSet" else "7c9f8d6b5-x2x9q"
        return f"{workload['metadata']['name']}-{suffix}"
    reference = origin.get("secretKeyRef") or origin["configMapKeyRef"]
    key = str(reference["key"])
    if reference["name"] in settings_maps():
        return settings_maps()[reference["name"]][key]
    if key.endswith("-secret"):
        return f"{key}, as long as a secret has to be"
    return f"https://{key}.invalid/" if re.search("url|jwks|issuer", key) else key


def references(value: object) -> Iterator[tuple[str, str]]:
    """Every (`ConfigMap` or `Secret`, name) a manifest refers to."""
    named = {"configMapRef": "ConfigMap", "configMapKeyRef": "ConfigMap", "configMap": "ConfigMap"}
    named |= {"secretRef": "Secret", "secretKeyRef": "Secret", "secret": "Secret"}
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in named and isinstance(inner, dict):
                yield named[key], str(inner.get("name") or inner.get("secretName"))
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
