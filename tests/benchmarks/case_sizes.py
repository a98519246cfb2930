"""How large is a case as a record? Sixty cases of all codes, just opened, by their number of tracks, and a batch of them compressed.

`python -m tests.benchmarks.case_sizes`. KiB of `model_dump_json(exclude_none=True)`; every known household is a member.
"""

import statistics
import zlib
from collections import defaultdict

from tests.scenarios.town import Town
from tests.shipped import CATALOGUE

CASES = 60
KIB = 1024


def main() -> None:
    """Prints the figures."""
    codes = sorted(CATALOGUE.incidents.codes)
    sizes, batch = defaultdict[int, list[int]](list), bytearray()
    town = Town(CATALOGUE).everyone_on_duty("fr", "be")
    for number in range(CASES):
        town.household(f"h{number}", programme="proximus_cyber_care")
        case = town.reports(f"h{number}", codes[number % len(codes)]).case()
        record = case.model_dump_json(exclude_none=True).encode()
        sizes[len(case.tracks)].append(len(record))
        batch += record
    for tracks, found in sorted(sizes.items()):
        print(
            f"{tracks} tracks: {statistics.mean(found) / KIB:.1f} KiB, at most {max(found) / KIB:.1f} ({len(found)} cases)"
        )
    print(f"compressed together: {len(zlib.compress(bytes(batch))) / CASES / KIB:.1f} KiB a case")


if __name__ == "__main__":
    main()
