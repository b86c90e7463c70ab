"""Cursors: opaque, ours, and refused when they are not."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from mindlyfe.kernel.errors import Malformed
from mindlyfe.kernel.paging import after, cursor


def test_a_cursor_brings_its_key_back() -> None:
    at, entry = datetime(2026, 3, 1, 9, tzinfo=UTC), uuid4()
    word = cursor(at, entry)
    assert word.isascii()
    assert "=" not in word
    assert after(word, tuple[datetime, UUID]) == (at, entry)
    assert after(None, tuple[datetime, UUID]) is None


@pytest.mark.parametrize(
    "word", ["", "x", "äöü", "a" * 500, cursor("not an instant", UUID(int=7)), cursor(1), "\0", "bnVsbA"]
)
def test_another_word_is_malformed(word: str) -> None:
    with pytest.raises(Malformed):
        after(word, tuple[datetime, UUID])
