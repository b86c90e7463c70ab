"""What happened to a delivery, step by step, as its events tell it. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from mindlyfe.notifications.contract import Step, Try, What

LONGEST_ANSWER: Final = 200
ADDRESS: Final = re.compile(r"[^\s<>@,;:]+@[^\s<>@,;]+")
NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])\+?\d[\d ()-]{6,}\d(?![0-9A-Za-z])")
HIDDEN: Final = "…"


def discreet(answer: str) -> str:
    """A provider's answer without addresses, telephone numbers and control characters, bounded."""
    printable = " ".join("".join(one if one.isprintable() else " " for one in answer).split())
    return NUMBER.sub(HIDDEN, ADDRESS.sub(HIDDEN, printable))[:LONGEST_ANSWER]


def traced(
    tries: Sequence[Try], what: What, at: datetime | None, *, until: datetime | None = None, why: str = ""
) -> tuple[Step, ...]:
    """Each try, and what followed."""
    each = [Step(what="tried", at=one.at, why=one.code, tried=one) for one in tries]
    return (*each, Step(what=what, at=at, until=until, why=why))
