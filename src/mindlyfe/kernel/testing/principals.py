"""People for tests, and what they do."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from msgspec.structs import replace

from mindlyfe.kernel.messages import Act, ByKey, ByMessage, PersonId, Principal, Role, TenantId


def act(tenant: UUID, *, actor: UUID | None = None, once: ByKey | ByMessage | None = None) -> Act:
    """Something that `actor` (a new person by default) does in `tenant`."""
    return Act(
        tenant=TenantId(tenant),
        actor=PersonId(actor or uuid4()),
        correlation=f"00-{uuid4().hex}-{uuid4().hex[:16]}-01",
        once=once,
        client="192.0.2.1",
    )


def principal(*roles: Role, tenant: UUID | None = None, person: UUID | None = None, aal: int = 1) -> Principal:
    """Somebody signed in with `roles`."""
    doing = act(tenant or uuid4(), actor=person)
    return Principal(
        id=doing.actor,
        tenant=doing.tenant,
        roles=frozenset(roles),
        session=uuid4(),
        aal=aal,
        authenticated_at=datetime.now(UTC),
        act=doing,
    )


def again(who: Principal, once: ByKey | ByMessage | None) -> Principal:
    """The same person with another request, recognised by `once`."""
    return replace(who, act=replace(who.act, once=once))
