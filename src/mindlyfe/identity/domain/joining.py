"""What of a duplicate's treatment the survivor does not have yet, so that nobody is treated twice or not at all."""

from collections.abc import Sequence
from datetime import datetime

type Span = tuple[datetime, datetime | None]
"""From when to when; None: nobody knows its end."""


def uncovered(span: Span, taken: Sequence[Span]) -> list[Span]:
    """The parts of `span` that none of `taken` covers, in order. What they cover once, they cover for good."""
    left = [span]
    for one in taken:
        if one[0] != one[1]:
            left = [piece for whole in left for piece in _without(whole, one)]
    return left


def _without(whole: Span, taken: Span) -> list[Span]:
    (since, until), (begins, ends) = whole, taken
    if (ends is not None and ends <= since) or (until is not None and until <= begins):
        return [whole]
    before: list[Span] = [(since, begins)] if since < begins else []
    after: list[Span] = [(ends, until)] if ends is not None and (until is None or ends < until) else []
    return before + after
