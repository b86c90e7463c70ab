"""What the development phone keeps: every text, a line each."""

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

NEWEST: Final = 200


class Received(msgspec.Struct, frozen=True):
    """One text as it came in."""

    sid: str
    to: str
    sender: str
    body: str
    parts: int
    at: datetime
    status: str


class Book:
    """Texts in a file; the last line about one counts."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = directory / "texts.jsonl"
        lines = self._file.read_bytes().splitlines() if self._file.exists() else []
        read = (msgspec.json.decode(line, type=Received) for line in lines)
        self._texts = {text.sid: text for text in read}

    def keep(self, text: Received) -> None:
        """Write it down before it is acknowledged."""
        with self._file.open("ab") as file:
            file.write(msgspec.json.encode(text) + b"\n")
        self._texts[text.sid] = text

    def newest(self, to: str | None) -> list[Received]:
        """Texts in the order of arrival: all to one number, or the newest of everybody."""
        if to is None:
            return list(self._texts.values())[-NEWEST:]
        return [text for text in self._texts.values() if text.to == to]
