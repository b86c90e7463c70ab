"""Members: who belongs to the organisation, what they may do, what they are called."""

from typing import Annotated, Any, cast

import msgspec
from litestar import Request, Router

from mindlyfe.identity.adapters.directory import Directory, Wanted
from mindlyfe.identity.application.members import Members
from mindlyfe.identity.contract import AssignRoles, MemberSaved, MemberView, Names, NamesAsked, TherapistView
from mindlyfe.identity.contract.members import NamePrefix, Standing
from mindlyfe.identity.domain.refusals import LastAdministrator, RoleNotYours
from mindlyfe.kernel.errors import Forbidden, KeyReused, Malformed, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import PersonId, Principal, Role
from mindlyfe.kernel.tables import Form, shown

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
Strong = Annotated[
    bool, msgspec.Meta(description="Staff that has a second factor, or has none: for administrators alone.")
]


def routes(members: Members, directory: Directory) -> Router:
    """`/v1/members`, `/v1/members/{person}/roles`."""

    @get(
        "/members", needs="members:read", clinical=True, audits="members.read", csv=True, refuses=(Malformed, Forbidden)
    )
    async def page(
        who: Principal,
        request: Request[Any, Any, Any],
        *,
        role: Role | None = None,
        standing: Standing | None = None,
        name: NamePrefix | None = None,
        second_factor: Strong | None = None,
        format_: Form | None = None,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> Page[MemberView]:
        """Members in the order they joined, as JSON or CSV; those who left when they are asked for."""
        wanted = Wanted(role, standing, name, second_factor)
        found = await directory.page(who, wanted=wanted, word=cursor, limit=limit)
        return cast("Page[MemberView]", shown(found, MemberView, format_, request))

    @put(
        "/members/{person:uuid}/roles",
        needs="members:assign-roles",
        clinical=True,
        refuses=(NotFound, RoleNotYours, LastAdministrator, VersionConflict, KeyReused),
    )
    async def assign(person: PersonId, data: AssignRoles, who: Principal, expected: int | None) -> MemberSaved:
        """Give a member exactly these roles. It counts within a second: older access tokens must be refreshed."""
        return await members.assign_roles(person, data, who, expected)

    return Router("/v1", route_handlers=[page, assign], tags=["Members"])


def known(directory: Directory) -> Router:
    """`/v1/therapists`, `/v1/names`."""

    @get("/therapists", needs="therapists:read")
    async def therapists(who: Principal) -> Page[TherapistView]:
        """Whom one can book with, by name."""
        return Page(await directory.therapists(who))

    @post("/names", needs="names:read", status_code=200, audits="names.read")
    async def names(data: NamesAsked, who: Principal) -> Names:
        """The names of up to 200 members. Patients learn those of staff; unknown ids are left out."""
        return Names(await directory.names(who, data.ids))

    return Router("/v1", route_handlers=[therapists, names], tags=["Members"])
