"""What changed between two texts: word by word, within each section."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from mindlyfe.therapy.contract.notes import Piece
from mindlyfe.therapy.domain.note_text import Document

WORD: Final = re.compile(r"\s*\S+|\s+")
LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
MOST: Final = 1_000
"""Lines or words on a side that are compared one by one; a longer stretch is shown whole, from first change to last."""


def changes(earlier: Document, later: Document, keys: Sequence[str]) -> Iterator[tuple[str, list[Piece]]]:
    """Each section that either has, in the template's order, with what stayed, came and went."""
    before = {one.section: one.text for one in earlier.sections}
    after = {one.section: one.text for one in later.sections}
    for key in keys:
        if key in before or key in after:
            yield key, compared(before.get(key, ""), after.get(key, ""))


def compared(before: str, after: str) -> list[Piece]:
    """Without what was added it is the text before; without what was removed, the text after."""
    pieces: list[Piece] = []
    for old, new in _stretches(LINE.findall(before), LINE.findall(after)):
        if old == new:
            _add(pieces, "same", old)
            continue
        for gone, come in _stretches(WORD.findall("".join(old)), WORD.findall("".join(new))):
            if gone == come:
                _add(pieces, "same", gone)
            else:
                _add(pieces, "removed", gone)
                _add(pieces, "added", come)
    return pieces


def _stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Side by side what is equal and what is not, in order."""
    if max(len(old), len(new)) <= MOST:
        for _, from_, to, start, end in SequenceMatcher(None, old, new).get_opcodes():
            yield old[from_:to], new[start:end]
        return
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    yield old[:head], new[:head]
    yield old[head : len(old) - tail], new[head : len(new) - tail]
    yield old[len(old) - tail :], new[len(new) - tail :]


def _add(pieces: list[Piece], change: str, words: Sequence[str]) -> None:
    text = "".join(words)
    if not text:
        return
    if pieces and pieces[-1].change == change:
        pieces[-1] = Piece(pieces[-1].change, pieces[-1].text + text)
    elif change == "same":
        pieces.append(Piece("same", text))
    else:
        pieces.append(Piece("added" if change == "added" else "removed", text))
