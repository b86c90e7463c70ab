"""What was seen of a table, as a snapshot: exact, whatever is still under way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.adapters.seen import Seen
from mindlyfe.kernel.errors import Malformed

SEEN = st.builds(
    lambda xmin, more, running: Seen(3, xmin, xmin + more, frozenset(x for x in running if xmin <= x < xmin + more)),
    st.integers(1, 50),
    st.integers(0, 30),
    st.frozensets(st.integers(1, 80)),
)


def test_nothing_was_seen_at_first() -> None:
    assert not any(Seen.read("").has(tx) for tx in range(1, 9))


def test_what_runs_and_what_comes_later_was_not_seen() -> None:
    seen = Seen.read("2/10:14:11,13")
    assert [tx for tx in range(1, 20) if seen.has(tx)] == [*range(1, 11), 12]
    assert (str(seen), seen.snapshot, seen.epoch) == ("2/10:14:11,13", "10:14:11,13", 2)


@pytest.mark.parametrize("text", ["x", "1", "1/2:3", "1/2:3:x", "1/2:3:4,", "-1/2:3:", "1/2:3:4 ", "9" * 40 + "/1:1:"])
def test_what_is_no_cursor_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Seen.read(text)


@given(SEEN, st.integers(1, 90))
def test_a_cut_snapshot_has_what_it_had_up_to_the_cut(seen: Seen, last: int) -> None:
    cut = seen.upto(last)
    for tx in range(1, 100):
        assert cut.has(tx) == (seen.has(tx) and tx <= last)
    assert Seen.read(str(cut)) == cut
