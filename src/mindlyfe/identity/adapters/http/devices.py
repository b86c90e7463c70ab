"""The caller's sessions: where they are signed in."""

from uuid import UUID

from litestar import Response, Router

from mindlyfe.identity.adapters.http.cookies import TokenCookies
from mindlyfe.identity.application.devices import Devices
from mindlyfe.identity.contract.sessions import NameDevice, SessionSaved, SessionView
from mindlyfe.kernel.errors import KeyReused, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, delete, get, put
from mindlyfe.kernel.messages import Principal


def routes(devices: Devices, cookies: TokenCookies) -> Router:
    """`/v1/me/sessions`."""

    @get(needs="sessions:read")
    async def all_(who: Principal) -> Page[SessionView]:
        """Where the caller is signed in, last used first; the session of this request is marked."""
        return Page(await devices.all(who))

    @put("/{session:uuid}", needs="sessions:name", refuses=(NotFound, VersionConflict, KeyReused))
    async def name(session: UUID, data: NameDevice, who: Principal, expected: int | None) -> SessionSaved:
        """Call the device of a session something else."""
        return await devices.name(session, data, who, expected)

    @delete("/{session:uuid}", needs="sessions:end", refuses=(NotFound, KeyReused))
    async def end(session: UUID, who: Principal) -> None:
        """End one session, wherever it is: neither of its tokens works any more, within a second."""
        await devices.end(session, who)

    @delete(needs="sessions:end", status_code=204, refuses=(KeyReused,))
    async def end_all(who: Principal, all_: bool = False) -> Response[None]:
        """End all other sessions of the caller; with `all=true` this one, too."""
        await devices.end_all(who, this_too=all_)
        return cookies.cleared() if all_ else Response(None, status_code=204)

    return Router("/v1/me/sessions", route_handlers=[all_, name, end, end_all], tags=["Sessions"])
