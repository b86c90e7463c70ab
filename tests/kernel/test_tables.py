"""Lists as CSV: what a spreadsheet opens runs nothing."""

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest

from mindlyfe.kernel.tables import cell, written


class Row(msgspec.Struct, frozen=True):
    name: str
    roles: frozenset[str]
    since: datetime
    until: datetime | None
    count: int


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "＝", "＋", "－", "＠"])
def test_text_never_begins_like_a_formula(start: str) -> None:
    """CWE-1236, ASVS 1.2.10."""
    text = f'{start}HYPERLINK("http://evil.example","x")'
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Amina", "Anne-Marie = Ann", "'quoted'"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_a_list_becomes_rows_that_read_back() -> None:
    row = Row('Ruiz, "Inés"\nDr', frozenset({"therapist", "patient"}), datetime(2026, 6, 1, 6, tzinfo=UTC), None, -3)
    read = list(csv.reader(io.StringIO(written([row], Row).decode(), newline="")))
    assert read == [
        ["name", "roles", "since", "until", "count"],
        ['Ruiz, "Inés"\nDr', "patient therapist", "2026-06-01T06:00:00+00:00", "", "-3"],
    ]
