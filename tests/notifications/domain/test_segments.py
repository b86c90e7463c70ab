"""Parts of a text message, against the tables of the standard."""

import pytest
from hypothesis import given, strategies

from mindlyfe.notifications.domain.segments import EXTENDED, GSM, segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" + "€" * 80, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ż" * 70, 1),
        ("ż" * 71, 2),
        ("ż" * 134, 2),
        ("ż" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("ż" * 66 + "🙂" + "ż" * 66, 3),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, parts: int) -> None:
    assert segments(text) == parts


def test_the_alphabet_is_whole() -> None:
    assert (len(GSM), len(EXTENDED), len(GSM & EXTENDED)) == (127, 10, 0)


@given(strategies.text(max_size=400), strategies.characters())
def test_more_text_is_never_fewer_parts(text: str, more: str) -> None:
    assert segments(text) <= segments(text + more)
