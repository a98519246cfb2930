"""The demo's catalogue: the product's, with clocks of seconds, so that silence can be watched until it is paged."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

LEAD_P0 = {"acknowledge": "20 s", "first_response": "60 s"}
OFFER_WINDOW = {"P0": "8 s", "P1": "30 s", "P2": "45 s", "P3": "60 s"}
ACKNOWLEDGE = {"P0": "45 s", "P1": "2 min", "P2": "5 min", "P3": "10 min"}
NEIGHBOURS_AFTER_PERCENT = 400  # of the acknowledge promise: the duty lead of the play takes a moment


def write_catalogue(source: Path, folder: Path) -> Path:
    """Copies the catalogue's data files into `folder` with short clocks in `sla.yaml`; returns the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in source.glob("*.yaml"):
        shutil.copy(file, folder)
    promises = folder / "sla.yaml"
    promises.write_text(yaml.safe_dump(_shortened(yaml.safe_load(promises.read_text("utf-8")))), "utf-8")
    return folder


def _shortened(promises: Mapping[str, Any]) -> dict[str, Any]:
    matrix = {
        band: {pillar: [ACKNOWLEDGE[band], *rest] for pillar, (_, *rest) in row.items()}
        for band, row in promises["matrix"].items()
    }
    later = [
        {**step, "after_percent": NEIGHBOURS_AFTER_PERCENT} if step["to"] == "neighbours" else step
        for step in promises["ladder"]["steps"]
    ]
    ladder = {**promises["ladder"], "steps": later}
    shorter = {"lead_p0": LEAD_P0, "offer_window": OFFER_WINDOW, "matrix": matrix, "ladder": ladder}
    return {**promises, **shorter, "source": "demo: clocks of seconds"}
