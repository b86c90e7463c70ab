"""Members as administrators manage them, and leaving by oneself."""

from uuid import UUID

from litestar import Router

from mindlyfe.identity.application.member_sessions import MemberSessions
from mindlyfe.identity.application.memberships import Memberships
from mindlyfe.identity.contract import MemberSaved
from mindlyfe.identity.contract.members import EnterRegister, MemberDetail, SuspendMember
from mindlyfe.identity.contract.sessions import SessionView
from mindlyfe.identity.domain.refusals import LastAdministrator, NotStaff, NotYourself, RoleNotYours, StillCaring
from mindlyfe.kernel.errors import KeyReused, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, delete, get, post, put
from mindlyfe.kernel.messages import PersonId, Principal

RECENT_S = 600


def routes(memberships: Memberships) -> Router:
    """`/v1/members/{person}`, `/v1/me/membership`."""

    @get("/members/{person:uuid}", needs="members:read", clinical=True, audits="members.read", refuses=(NotFound,))
    async def detail(person: PersonId, who: Principal) -> MemberDetail:
        """One member, with their address, where they stand and what their professional register says."""
        return await memberships.detail(person, who)

    @put(
        "/members/{person:uuid}/register",
        needs="members:register",
        clinical=True,
        refuses=(NotFound, NotStaff, VersionConflict, KeyReused),
    )
    async def enter(person: PersonId, data: EnterRegister, who: Principal, expected: int | None) -> MemberSaved:
        """Replace what the professional register says of a member of staff."""
        return await memberships.enter_register(person, data, who, expected)

    @delete("/members/{person:uuid}/waits", needs="members:clear-waits", clinical=True, refuses=(NotFound, Unavailable))
    async def pardon(person: PersonId, who: Principal) -> None:
        """Forget a member's failed attempts to sign in, so that they need not wait. A lock stays."""
        await memberships.pardon(person, who)

    @delete(
        "/me/membership", needs="membership:end", recent_s=RECENT_S, refuses=(NotFound, StillCaring, LastAdministrator)
    )
    async def leave(who: Principal) -> None:
        """Leave this clinic. Care that the caller receives ends; a caseload is handed over before."""
        await memberships.leave(who)

    return Router("/v1", route_handlers=[detail, enter, pardon, leave], tags=["Members"])


def standing(memberships: Memberships) -> Router:
    """`/v1/members/{person}/suspension`, `…/reinstatement`."""

    @put(
        "/members/{person:uuid}/suspension",
        needs="members:suspend",
        aal=2,
        recent_s=RECENT_S,
        refuses=(NotFound, NotYourself, RoleNotYours, LastAdministrator, VersionConflict, KeyReused),
    )
    async def suspend(person: PersonId, data: SuspendMember, who: Principal, expected: int | None) -> MemberSaved:
        """Let a member do nothing in this clinic until they are reinstated. Their sessions here end at once."""
        return await memberships.suspend(person, data, who, expected)

    @post(
        "/members/{person:uuid}/reinstatement",
        needs="members:suspend",
        aal=2,
        recent_s=RECENT_S,
        status_code=200,
        refuses=(NotFound, NotYourself, RoleNotYours, VersionConflict, KeyReused),
    )
    async def reinstate(person: PersonId, who: Principal, expected: int | None) -> MemberSaved:
        """Let a suspended member do again what their roles allow."""
        return await memberships.reinstate(person, who, expected)

    return Router("/v1", route_handlers=[suspend, reinstate], tags=["Members"])


def sessions(sessions: MemberSessions) -> Router:
    """`/v1/members/{person}/sessions`."""

    @get("/", needs="members:sessions", clinical=True, audits="sessions.read", refuses=(NotFound,))
    async def running(person: PersonId, who: Principal) -> Page[SessionView]:
        """Where a member is signed in to this clinic, last used first."""
        return Page(await sessions.all(person, who))

    @delete("/", needs="members:sessions", aal=2, recent_s=RECENT_S, refuses=(NotFound, KeyReused))
    async def end_all(person: PersonId, who: Principal) -> None:
        """End all sessions of a member in this clinic; they may sign in again."""
        await sessions.end_all(person, who)

    @delete("/{session:uuid}", needs="members:sessions", aal=2, recent_s=RECENT_S, refuses=(NotFound, KeyReused))
    async def end(person: PersonId, session: UUID, who: Principal) -> None:
        """End one session of a member in this clinic."""
        await sessions.end(person, session, who)

    return Router("/v1/members/{person:uuid}/sessions", route_handlers=[running, end_all, end], tags=["Members"])
