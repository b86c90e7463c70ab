"""How a person wants to be told."""

from litestar import Router

from mindlyfe.kernel.errors import Erased, VersionConflict
from mindlyfe.kernel.http import get, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.notifications.application.preferences import OwnPreferences
from mindlyfe.notifications.contract.workflows import PreferencesView, SetPreferences


def routes(preferences: OwnPreferences) -> Router:
    """`/v1/preferences`: the caller's own."""

    @get(needs="preferences:read", clinical=True, refuses=(Erased,))
    async def show_preferences(who: Principal) -> PreferencesView:
        """What the caller prefers: by which channels they are told, of each workflow apart, and when not."""
        return await preferences.of(who)

    @put(needs="preferences:set", clinical=True, refuses=(VersionConflict, Erased))
    async def set_preferences(data: SetPreferences, who: Principal, act: Act, expected: int | None) -> PreferencesView:
        """Replace the caller's preferences. What is critical or guards an account is told regardless."""
        return await preferences.set(data, who, act, expected)

    return Router("/v1/preferences", route_handlers=[show_preferences, set_preferences], tags=["Preferences"])
