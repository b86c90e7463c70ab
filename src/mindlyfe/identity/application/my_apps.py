"""What a person allowed apps to do, as they see it and take it back."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.application.acts import allowance_stream, member_stream
from mindlyfe.identity.application.app_sessions import Endings
from mindlyfe.identity.application.ports import Listing
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.openid import AllowedApp, ScopeAsked, UserInfo
from mindlyfe.identity.domain import account
from mindlyfe.identity.domain.allowance import Withdrawn, withdraw
from mindlyfe.identity.domain.app_scopes import meaning
from mindlyfe.identity.domain.fhir import fhir_user
from mindlyfe.identity.domain.member import existing
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import REGION, Instant, PersonId, Principal, TenantId


class Allowances(Protocol):
    """The read model of what people allowed."""

    async def of(self, tenant: TenantId, person: PersonId) -> list[tuple[UUID, tuple[str, ...], Instant]]:
        """App, scopes and since when, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class MyApps:
    """Apps of the caller in the organisation of their token."""

    streams: IdentityStreams
    allowances: Allowances
    listing: Listing
    endings: Endings
    clock: Clock

    async def all(self, who: Principal) -> list[AllowedApp]:
        """Those the caller lets do something, newest first; closed ones can do nothing."""
        found: list[AllowedApp] = []
        for app, scopes, at in await self.allowances.of(who.tenant, who.id):
            state, _ = await self.streams.apps.load(REGION, app)
            if state is None or state.disabled:
                continue
            asked = tuple(ScopeAsked(one, meaning(one)) for one in scopes)
            found.append(AllowedApp(app=app, name=state.name, scopes=asked, allowed_at=at))
        return found

    async def withdraw(self, app: UUID, who: Principal) -> None:
        """Take it back, and end the app's sessions. Raises NotFound."""
        taken = Withdrawn(person=who.id, app=app, at=self.clock())
        stream = allowance_stream(who.tenant, who.id, app)
        await self.streams.allowances.decide(who.act, stream, lambda state: withdraw(state, taken))
        for one in await self.listing.open(who.id):
            if one.client == str(app) and one.organisation == who.tenant:
                await self.endings.end_one(who.act.step(f"ended/{one.id}"), one.id)

    async def user_info(self, who: Principal) -> UserInfo:
        """Who the caller is, as far as the scopes of the app go. Raises NotFound."""
        member, _ = await self.streams.members.load(who.tenant, member_stream(who.tenant, who.id))
        mine = existing(member)
        profile, email = ("profile" in who.scopes, "email" in who.scopes) if who.client else (True, True)
        kept = account.existing((await self.streams.accounts.load(REGION, who.id))[0]) if email else None
        return UserInfo(
            sub=who.id,
            name=mine.name if profile else None,
            locale=mine.locale if profile else None,
            zoneinfo=mine.zone if profile else None,
            email=kept.email if kept else None,
            email_verified=True if kept else None,
            fhir_user=fhir_user(who.id, mine.roles) if "fhirUser" in who.scopes else None,
        )
