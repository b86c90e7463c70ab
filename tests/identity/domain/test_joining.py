"""What the survivor lacks of the duplicate's treatment, found by an independent model: hour by hour."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.domain.joining import Span, uncovered

START: Final = datetime(2026, 6, 1, tzinfo=UTC)
LAST: Final = 12
"""Hours; a span without an end lasts to the end of what the model looks at."""


def spans() -> st.SearchStrategy[Span]:
    hours = st.tuples(st.integers(0, LAST), st.none() | st.integers(0, LAST))
    return hours.filter(lambda one: one[1] is None or one[0] <= one[1]).map(
        lambda one: (START + timedelta(hours=one[0]), None if one[1] is None else START + timedelta(hours=one[1]))
    )


def hours(span: Span) -> set[int]:
    moments = {hour: START + timedelta(hours=hour) for hour in range(LAST + 2)}
    return {hour for hour, at in moments.items() if span[0] <= at and (span[1] is None or at < span[1])}


@given(span=spans(), taken=st.lists(spans(), max_size=5))
def test_exactly_what_is_not_covered_remains_and_nothing_twice(span: Span, taken: list[Span]) -> None:
    left = uncovered(span, taken)
    pieces = [hours(one) for one in left]
    together = set[int]().union(*pieces)
    assert together == hours(span) - set[int]().union(*(hours(one) for one in taken))
    assert sum(map(len, pieces)) == len(together)
    assert [one for one in uncovered(span, [*taken, *left]) if one[0] != one[1]] == [], "again there is nothing left"
