"""Cursors: opaque, ours, and refused when they are not."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from mindlyfe.kernel.errors import Malformed
from mindlyfe.kernel.paging import BEGINNING, after, cursor


def test_a_cursor_brings_its_key_back() -> None:
    at, entry = datetime(2026, 3, 1, 9, tzinfo=UTC), uuid4()
    word = cursor(at, entry)
    assert word.isascii()
    assert "=" not in word
    assert after(word, tuple[datetime, UUID]) == (at, entry)
    assert after(None, tuple[datetime, UUID]) is None


def test_nothing_is_before_the_beginning() -> None:
    assert (datetime(1, 1, 1, tzinfo=UTC), uuid4()) > BEGINNING
    assert BEGINNING[0].isoformat() == "0001-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "word", ["", "x", "äöü", "a" * 500, cursor("not an instant", UUID(int=7)), cursor(1), "\0", "bnVsbA"]
)
def test_another_word_is_malformed(word: str) -> None:
    with pytest.raises(Malformed):
        after(word, tuple[datetime, UUID])
