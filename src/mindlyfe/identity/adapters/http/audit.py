"""The audit: one's own access log, and the whole for who watches over the clinic."""

from typing import Annotated

import msgspec
from litestar import Router

from mindlyfe.identity.application.trails import Trails
from mindlyfe.identity.contract.audit import AccessLog, Action, AuditPage
from mindlyfe.kernel.errors import Malformed
from mindlyfe.kernel.http import get
from mindlyfe.kernel.messages import Instant, PersonId, Principal
from mindlyfe.kernel.trail import Sought

Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]


def routes(trails: Trails) -> Router:
    """`/v1/me/access-log`, `/v1/audit`."""

    @get("/me/access-log", needs="me:read", refuses=(Malformed,))
    async def mine(who: Principal, cursor: str | None = None, limit: Limit = 50) -> AccessLog:
        """Who saw or changed the caller's data in this clinic, in all parts of the platform, newest first.

        An emergency access stands here once it was reviewed and its notice sent. Some notices are withheld, for a
        reason that the privacy officer gives.
        """
        return await trails.mine(who, word=cursor, limit=limit)

    @get("/audit", needs="audit:read", clinical=True, audits="audit.read", refuses=(Malformed,))
    async def everything(
        who: Principal,
        *,
        person: PersonId | None = None,
        actor: PersonId | None = None,
        action: Action | None = None,
        from_: Instant | None = None,
        to: Instant | None = None,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> AuditPage:
        """Who did what to whose data in this clinic, newest first. Reading it is on record, too."""
        sought = Sought(subject=person, actor=actor, action=action, since=from_, until=to)
        return await trails.all(who, sought, word=cursor, limit=limit)

    return Router("/v1", route_handlers=[mine, everything], tags=["Audit"])
