"""What a person says of how they want to be told."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
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

    async def no_mail(self, tenant: TenantId, person: PersonId, act: Act) -> None:
        """They want none by mail any more; all else they said stays. Raises Erased."""

        def decision(state: Preferences | None) -> Sequence[Preferred]:
            said = state or NONE
            channels = msgspec.structs.replace(said.channels, email=False)
            wish = Preferred(
                person=person, channels=channels, workflows=said.workflows, quiet=said.quiet, at=self.clock()
            )
            return prefer(state, wish)

        await self.streams.decide(act, derived("preferences", tenant, person), decision)


def _view(state: Preferences, version: int) -> PreferencesView:
    return PreferencesView(channels=state.channels, workflows=state.workflows, quiet=state.quiet, version=version)
