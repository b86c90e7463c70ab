"""What a person says of how they want to be told."""

from dataclasses import dataclass

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.contract.workflows import PreferencesView, SetPreferences
from mindlyfe.notifications.domain.preferences import NONE, Preferences, Preferred, prefer


@dataclass(frozen=True, slots=True)
class OwnPreferences:
    """Each person's own, in each clinic."""

    streams: Streams[Preferences, Preferred]
    clock: Clock

    async def of(self, who: Principal) -> PreferencesView:
        """The caller's; version 0 when they never said anything. Raises Erased."""
        state, version = await self.streams.load(who.tenant, derived("preferences", who.tenant, who.id))
        return _view(state or NONE, version)

    async def set(self, command: SetPreferences, who: Principal, act: Act, expected: int | None) -> PreferencesView:
        """Replace the caller's. Raises VersionConflict, Erased."""
        wish = Preferred(
            person=who.id,
            channels=command.channels,
            workflows=command.workflows,
            quiet=command.quiet,
            at=self.clock(),
        )
        stream = derived("preferences", who.tenant, who.id)
        decided = await self.streams.decide(act, stream, lambda state: prefer(state, wish), expected=expected)
        return PreferencesView(
            channels=command.channels, workflows=command.workflows, quiet=command.quiet, version=decided.version
        )


def _view(state: Preferences, version: int) -> PreferencesView:
    return PreferencesView(channels=state.channels, workflows=state.workflows, quiet=state.quiet, version=version)
