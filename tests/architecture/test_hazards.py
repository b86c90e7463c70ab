"""Every row of docs/safety/hazard-log.md names a control and tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOG = ROOT / "docs" / "safety" / "hazard-log.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    lines = [line for line in LOG.read_text().splitlines() if re.match(r"^\| H\d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_hazard_has_a_control_and_a_test(row: list[str]) -> None:
    number, hazard, control, tests = row
    assert len(hazard) > 20 < len(control), number
    named = TEST.findall(tests)
    assert named, f"{number} names no test"
    for path, function in named:
        text = (ROOT / path).read_text()
        assert re.search(rf"^\s*(async )?def {function}\(", text, re.MULTILINE), f"{path}::{function}"


def test_numbers_are_not_used_twice() -> None:
    numbers = [row[0] for row in rows()]
    assert numbers == [f"H{n}" for n in range(1, len(numbers) + 1)]
