"""A stream of somebody's data is opened by a decision, and its line in the audit says by what."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from litestar import Router

from mindlyfe.kernel.clinical import RULES
from mindlyfe.kernel.http import sse
from mindlyfe.kernel.messages import PersonId, Principal, Role, TenantId
from mindlyfe.kernel.policy import Kind, Policy, Thing
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.doorway import Doorway
from mindlyfe.kernel.ties import Held, Known

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
GRANTS: dict[str, frozenset[Role]] = {"beats:read": frozenset({"therapist"})}
PATIENT = PersonId(uuid4())


class Beat(msgspec.Struct, frozen=True):
    rate: int


class Identity:
    """Says what binds everybody to the patient, and is asked each time."""

    def __init__(self, *kinds: Kind) -> None:
        hour = timedelta(hours=1)
        self._ties = [Held(kind=k, id=uuid4(), subject=PATIENT, since=NOW - hour, until=NOW + hour) for k in kinds]

    async def held(self, *, tenant: TenantId, holder: PersonId) -> list[Held]:
        return self._ties

    async def between(self, tenant: TenantId, holder: PersonId, subject: PersonId) -> Known:
        return Known((), None)

    async def replace(self, tenant: TenantId, holder: PersonId, all_: Sequence[Held], checked_at: datetime) -> None:
        pass


def watched(*kinds: Kind) -> Doorway:
    """A stream of a patient's data, open by these ties."""
    identity = Identity(*kinds)
    reach = Reach(Policy(*RULES), identity, identity, lambda: NOW)

    @sse("/v1/patients/{patient:uuid}/beats", needs="beats:read", clinical=True, audits="beats.read")
    async def beats(patient: PersonId, who: Principal) -> AsyncIterator[Beat]:
        await reach.require(who, "read", Thing(who.tenant, patient, "clinical"))
        return counted()

    return Doorway([Router("/", route_handlers=[beats])], GRANTS)


async def counted() -> AsyncIterator[Beat]:
    for rate in range(2):
        yield Beat(rate)


@pytest.mark.parametrize(("kind", "detail"), [("break-glass", {"break_glass": True}), ("care", {})])
async def test_a_stream_that_is_opened_by_a_broken_glass_says_so(kind: Kind, detail: dict[str, bool]) -> None:
    door = watched(kind)
    answer = await door.client.get(f"/v1/patients/{PATIENT}/beats", headers=door.bearer("therapist", aal=2))
    assert answer.text.count("data: ") == 2
    [line] = door.audited
    assert (line.action, line.subject, line.outcome, dict(line.detail)) == ("beats.read", PATIENT, "done", detail)


async def test_without_a_tie_no_stream_begins_and_the_try_is_on_record() -> None:
    door = watched()
    answer = await door.client.get(f"/v1/patients/{PATIENT}/beats", headers=door.bearer("therapist", aal=2))
    refused(answer, 404, "not-found")
    assert [line.outcome for line in door.audited] == ["not-found"]


def test_what_would_decide_after_its_line_is_written_is_not_declared() -> None:
    async def late(who: Principal) -> AsyncIterator[Beat]:
        yield Beat(0)

    with pytest.raises(TypeError, match="decides before"):
        sse("/v1/late", needs="beats:read", audits="beats.read")(late)
