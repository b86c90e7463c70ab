"""Given a supervision, when it begins or ends, then."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mindlyfe.identity.domain import member
from mindlyfe.identity.domain.supervision import (
    Ended,
    NotInSupervision,
    Started,
    SupervisionEnded,
    SupervisionRuns,
    able,
    end,
    evolve,
    start,
)
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.kernel.testing.decisions import given

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
SATO, RUIZ, ADMIN = (PersonId(uuid4()) for _ in range(3))
BEGUN = Started(supervision=uuid4(), supervisor=SATO, clinician=RUIZ, since=NOW)
OVER = Ended(supervision=BEGUN.supervision, supervisor=SATO, clinician=RUIZ, until=NOW + timedelta(days=1), by=ADMIN)


def test_it_begins_once_and_ends_once() -> None:
    given(evolve).when(lambda s: start(s, BEGUN)).then(BEGUN)
    given(evolve, BEGUN).when(lambda s: start(s, BEGUN)).then()
    given(evolve, BEGUN).when(lambda s: start(s, replace(BEGUN, clinician=ADMIN))).refused(SupervisionRuns)
    given(evolve, BEGUN).when(lambda s: end(s, by=ADMIN, now=OVER.until)).then(OVER)
    given(evolve, BEGUN, OVER).when(lambda s: end(s, by=ADMIN, now=NOW)).refused(SupervisionEnded)
    given(evolve, BEGUN, OVER).when(lambda s: start(s, BEGUN)).refused(SupervisionEnded)
    given(evolve).when(lambda s: end(s, by=ADMIN, now=NOW)).refused(NotFound)


def somebody(person: PersonId, *roles: Role) -> member.Member:
    joined = member.Joined(person=person, name="S", roles=frozenset(roles), zone="UTC", locale="en", at=NOW)
    return member.evolve(None, joined)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (None, somebody(RUIZ, "therapist")),
        (somebody(SATO, "supervisor"), None),
        (somebody(SATO, "therapist"), somebody(RUIZ, "therapist")),
        (somebody(SATO, "supervisor"), somebody(RUIZ, "reception")),
        (somebody(SATO, "supervisor"), somebody(SATO, "supervisor")),
    ],
)
def test_it_takes_a_supervisor_and_another_clinician(one: member.Member | None, two: member.Member | None) -> None:
    able(somebody(SATO, "supervisor"), somebody(RUIZ, "therapist"))
    with pytest.raises(NotInSupervision):
        able(one, two)
