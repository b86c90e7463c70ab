"""Apps: registered by operators, allowed by people."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router

from mindlyfe.identity.adapters.registered_apps import RegisteredApps
from mindlyfe.identity.application.apps import Apps
from mindlyfe.identity.application.my_apps import MyApps
from mindlyfe.identity.contract.openid import AllowedApp, AppSecret, AppView, ChangeApp, RegisterApp
from mindlyfe.identity.domain.app_refusals import AppDisabled, AppPublic, RedirectUnusable, ScopeUnknown
from mindlyfe.kernel.errors import KeyReused, Malformed, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, delete, get, post, put
from mindlyfe.kernel.messages import Principal

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
RECENT_S = 600


def registry(apps: Apps, registered: RegisteredApps) -> Router:
    """`/v1/apps`."""

    @post(needs="apps:manage", aal=2, recent_s=RECENT_S, refuses=(RedirectUnusable, ScopeUnknown))
    async def register(data: RegisterApp, who: Principal) -> AppSecret:
        """Register an app. The secret of a confidential one is in this answer and nowhere else."""
        return await apps.register(data, who)

    @get(needs="apps:manage", aal=2, refuses=(Malformed,))
    async def page(cursor: str | None = None, limit: Limit = 50) -> Page[AppView]:
        """All apps of the region, the oldest first."""
        return await registered.page(cursor, limit)

    @get("/{app:uuid}", needs="apps:manage", aal=2, refuses=(NotFound,))
    async def one(app: UUID) -> AppView:
        """One app."""
        return await registered.one(app)

    @put(
        "/{app:uuid}",
        needs="apps:manage",
        aal=2,
        refuses=(NotFound, AppDisabled, RedirectUnusable, ScopeUnknown, VersionConflict, KeyReused),
    )
    async def change(app: UUID, data: ChangeApp, who: Principal, expected: int | None) -> AppView:
        """Give it another name, other redirect addresses, other scopes."""
        await apps.change(app, data, who, expected)
        return await registered.one(app)

    @post("/{app:uuid}/secret", needs="apps:manage", aal=2, recent_s=RECENT_S, refuses=(AppDisabled, AppPublic))
    async def rotate(app: UUID, who: Principal) -> AppSecret:
        """Make another secret, shown once; the one before no longer counts."""
        return await apps.rotate(app, who)

    @delete("/{app:uuid}", needs="apps:manage", aal=2, refuses=(NotFound, KeyReused))
    async def disable(app: UUID, who: Principal) -> None:
        """Close it for good: nobody signs in to it, and it renews no token."""
        await apps.disable(app, who)

    return Router("/v1/apps", route_handlers=[register, page, one, change, rotate, disable], tags=["Apps"])


def own(mine: MyApps) -> Router:
    """`/v1/me/apps`."""

    @get(needs="allowances:read")
    async def all_(who: Principal) -> Page[AllowedApp]:
        """The apps that the caller lets do something in this organisation, newest first."""
        return Page(await mine.all(who))

    @delete("/{app:uuid}", needs="allowances:withdraw", refuses=(NotFound, KeyReused))
    async def withdraw(app: UUID, who: Principal) -> None:
        """Take back what an app was allowed: its tokens stop working at once."""
        await mine.withdraw(app, who)

    return Router("/v1/me/apps", route_handlers=[all_, withdraw], tags=["Apps"])
