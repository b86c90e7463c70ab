"""Which lines of emergency accesses a patient may read."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.domain.discretion import SLACK, Emergency, may_read
from mindlyfe.kernel.messages import PersonId

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
RUIZ = PersonId(UUID(int=1))


def emergency(*, told: bool, since: datetime = NINE, clinician: PersonId = RUIZ) -> Emergency:
    return Emergency(glass=uuid4(), clinician=clinician, since=since, until=since + 2 * HOUR, told=told)


def looked(*known: Emergency, at: datetime, actor: UUID = RUIZ) -> bool:
    return may_read(known, actor=actor, thing="/v1/patients/x/appointments", at=at)


@pytest.mark.parametrize("told", [True, False])
def test_a_look_is_read_when_the_patient_was_told_of_its_access(told: bool) -> None:
    one = emergency(told=told)
    assert looked(one, at=NINE + HOUR) is told
    assert may_read([one], actor=uuid4(), thing=f"break-glass/{one.glass}", at=NINE + 99 * HOUR) is told


def test_what_belongs_to_no_access_that_was_told_stays_unread() -> None:
    one = emergency(told=True)
    assert not looked(at=NINE)
    assert not looked(one, at=NINE - SLACK - SLACK)
    assert not looked(one, at=NINE + 2 * HOUR + SLACK)
    assert not looked(one, at=NINE + HOUR, actor=uuid4())
    assert not may_read([one], actor=RUIZ, thing=f"break-glass/{uuid4()}", at=NINE + HOUR)


def test_where_two_meet_the_withheld_one_decides() -> None:
    first, second = emergency(told=True), emergency(told=False, since=NINE + 2 * HOUR)
    assert looked(first, second, at=NINE + HOUR)
    assert not looked(first, second, at=NINE + 2 * HOUR - SLACK / 2)
    assert not looked(first, second, at=NINE + 3 * HOUR)
    assert looked(first, emergency(told=False, clinician=PersonId(uuid4())), at=NINE + HOUR)
