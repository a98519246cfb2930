"""How `make test` sums up."""

from pathlib import Path

import pytest

from deploy.local import suites
from deploy.local.suites import Result, closing


def test_the_last_line_counts_like_pytest_over_all_suites() -> None:
    results = [Result("unit", 10, 0, 1, 1.0, 0), Result("faults", 3, 2, 0, 3.0, 1)]
    assert closing(results, 4.0).splitlines()[-1] == "2 failed, 13 passed, 1 skipped in 4.00s"


def test_each_suite_shows_its_share_of_the_time() -> None:
    results = [Result("unit", 1, 0, 0, 1.0, 0), Result("faults", 1, 0, 0, 3.0, 0)]
    assert [line.split()[-2:] for line in closing(results, 4.0).splitlines()[1:3]] == [["25", "%"], ["75", "%"]]


def test_a_suite_pytest_could_not_run_is_never_counted_as_good() -> None:
    results = [Result("unit", 1, 0, 0, 1.0, 0), Result("faults", 0, 0, 0, 0.0, 5)]
    assert "1 suites broken" in closing(results, 4.0)
    assert "has no tests" in closing(results, 4.0)


def test_counts_come_from_the_report_pytest_wrote(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text('<testsuites><testsuite tests="9" failures="2" errors="1" skipped="1"/></testsuites>')
    assert suites.counts(report) == (5, 3, 1)


@pytest.mark.parametrize("broken", ["unit", "faults", "timing"])
@pytest.mark.parametrize("status", [1, 2, 5])
def test_any_suite_that_did_not_pass_fails_the_run(status: int, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        suites, "run", lambda suite, *_, **__: Result(suite, 1, 0, 0, 0.1, status if suite == failing else 0)
    )
    failing: str | None = broken
    assert suites.main(["unit", "faults", "timing"]) == 1
    failing = None
    assert suites.main(["unit", "faults", "timing"]) == 0


@pytest.mark.parametrize(("arguments", "status"), [(["--help"], 0), (["no-such-suite"], 2), ([], 2)])
def test_what_is_no_suite_is_never_handed_to_pytest(arguments: list[str], status: int) -> None:
    with pytest.raises(SystemExit) as ended:
        suites.asked(arguments)
    assert ended.value.code == status
