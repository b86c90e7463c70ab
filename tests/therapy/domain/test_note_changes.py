"""Differences between texts: nothing is invented, nothing is missing."""

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.therapy.contract.notes import Piece
from mindlyfe.therapy.domain.note_changes import compared

MANY = "same\n" * 1_100
words = st.lists(st.sampled_from(["she", "slept", "well", "badly", "\n", " ", "\n\n", "  and", "é", ""]), max_size=60)
texts = st.one_of(words.map(" ".join), st.text(max_size=200), words.map(lambda some: MANY + " ".join(some) + MANY))


@given(before=texts, after=texts)
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    pieces = compared(before, after)
    assert "".join(one.text for one in pieces if one.change != "added") == before
    assert "".join(one.text for one in pieces if one.change != "removed") == after
    assert all(one.text for one in pieces)
    assert all(left.change != right.change for left, right in pairwise(pieces))


@given(text=texts)
def test_what_did_not_change_is_one_piece(text: str) -> None:
    assert compared(text, text) == ([Piece("same", text)] if text else [])


def test_a_word_that_changed_is_told_alone() -> None:
    pieces = compared("She slept badly.\nShe eats.", "She slept well.\nShe eats.")
    assert pieces == [
        Piece("same", "She slept"),
        Piece("removed", " badly."),
        Piece("added", " well."),
        Piece("same", "\nShe eats."),
    ]


def test_the_longest_text_takes_no_time_to_speak_of() -> None:
    worst = "one " + " ".join(f"w{n % 101}" for n in range(5_000)), " ".join(f"w{n * 7 % 103}" for n in range(5_000))
    lines = "\n" * 20_000, "\n" * 19_999
    began = time.process_time()
    for before, after in (worst, lines, (worst[0].replace(" ", "\n"), worst[1].replace(" ", "\n"))):
        compared(before, after)
    assert time.process_time() - began < 5
