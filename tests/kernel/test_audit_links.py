"""The links of the audit chain as mathematics: each depends on all of its row and on every row before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.kernel.audit_chain import START, Line, canonical, link
from mindlyfe.kernel.messages import PersonId, TenantId

PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
LINES = st.builds(
    Line,
    epoch=st.just(1),
    tx=st.integers(1, 9),
    position=st.integers(1, 2**62),
    tenant=st.uuids().map(TenantId),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=st.uuids(),
    action=PLAIN,
    subject=st.none() | st.uuids(),
    object=PLAIN,
    outcome=PLAIN,
    correlation=PLAIN,
    client=PLAIN,
    detail=st.dictionaries(PLAIN, st.integers() | PLAIN | st.booleans(), max_size=4),
)


@given(LINES, LINES)
def test_different_rows_have_different_texts(one: Line, other: Line) -> None:
    hashed: Callable[[Line], Any] = lambda line: line[2:]  # noqa: E731
    assert (canonical(one) == canonical(other)) == (hashed(one) == hashed(other))


@given(LINES, st.sampled_from(Line._fields[5:]), PLAIN)
def test_text_moved_to_another_field_is_another_row(line: Line, field: str, text: str) -> None:
    value = getattr(line, field)
    if isinstance(value, str) and value != text:
        changed: dict[str, Any] = line._asdict() | {field: text}
        assert canonical(Line(**changed)) != canonical(line)


@given(LINES)
def test_the_text_depends_on_nothing_but_the_row(line: Line) -> None:
    turned = dict(reversed(list(line.detail.items())))
    away = line.at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert canonical(line._replace(detail=turned, at=away, epoch=9, tx=1)) == canonical(line)


@given(st.lists(LINES, min_size=2, max_size=6), st.data())
def test_any_change_changes_every_later_link(lines: list[Line], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    changed = [*lines[:at], lines[at]._replace(actor=UUID(int=lines[at].actor.int ^ 1)), *lines[at + 1 :]]
    one, other = _links(lines), _links(changed)
    assert [a == b for a, b in zip(one, other, strict=True)] == [n < at for n in range(len(lines))]


def _links(lines: list[Line]) -> list[bytes]:
    links, previous = [], START
    for line in lines:
        previous = link(previous, line)
        links.append(previous)
    return links


def test_the_text_of_a_row_is_the_documented_one() -> None:
    person = PersonId(UUID(int=7))
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    line = Line(
        1, 99, 5, TenantId(UUID(int=1)), at, person, "plan:read", None, "o", "done", "c", "::1", {"b": 1, "a": "é"}
    )
    assert canonical(line).decode() == (
        '["00000000-0000-0000-0000-000000000001",5,"2026-03-01T09:30:00Z","00000000-0000-0000-0000-000000000007",'
        '"plan:read",null,"o","done","c","::1",{"a":"é","b":1}]'
    )
