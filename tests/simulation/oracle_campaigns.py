"""I3 across partitions: a campaign, kept under a key of its own, counts every case of it once and as it stands."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.ledger import Ledger
from tests.simulation.told import Broken, Told

COUNTED = {"by_state": "state", "by_band": "band", "by_code": "code"}


@dataclass(slots=True)
class Campaigns:
    """Follows what campaigns count."""

    ledger: Ledger
    _records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        for told in commit:
            if told.topic == "router.state" and told.key.startswith("campaign/"):
                self._records[told.data["campaign_id"]] = told.data

    def at_rest(self) -> None:
        """Every case is counted."""
        cases = [case for case in self.ledger.cases.values() if case.get("campaign")]
        for campaign in {case["campaign"]["campaign_id"]: None for case in cases}:
            mine = [case for case in cases if case["campaign"]["campaign_id"] == campaign]
            counts = self._records.get(campaign, {}).get("counts", {})
            alone = [
                case for case in mine if case["state"] != "merged"
            ]  # what was merged is counted in the case it goes on in
            wanted = {name: dict(Counter(case[of] for case in alone)) for name, of in COUNTED.items()}
            wanted["by_state"] = dict(Counter(case["state"] for case in mine))
            found = {name: {key: count for key, count in counts.get(name, {}).items() if count} for name in COUNTED}
            if counts.get("cases") != len(alone) or found != wanted:
                raise Broken("I3", f"campaign {campaign} counts {counts}, its cases are {wanted}")
