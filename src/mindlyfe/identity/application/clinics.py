"""The clinic, as its administrators describe it."""

from dataclasses import dataclass

from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import OrganisationView
from mindlyfe.identity.contract.organisations import (
    ConfirmMinimumAge,
    DescribeOrganisation,
    MinimumAgeSaved,
    OrganisationSaved,
    SetMinimumAge,
)
from mindlyfe.identity.domain.calendar import known_zone
from mindlyfe.identity.domain.clinic import confirm_age, describe, set_age
from mindlyfe.identity.domain.hours import possible
from mindlyfe.identity.domain.organisation import Described, Organisation, existing
from mindlyfe.kernel.messages import Principal, TenantId


@dataclass(frozen=True, slots=True)
class ClinicSettings:
    """Name, law, hours, lines and minimum age of one organisation."""

    streams: IdentityStreams

    async def describe(self, c: DescribeOrganisation, who: Principal, expected: int | None) -> OrganisationSaved:
        """Replace the description. Raises NotFound, UnknownZone, ImpossibleHours, VersionConflict."""
        possible(c.hours, c.closures)
        wish = Described(
            name=c.name.strip(),
            zone=known_zone(c.zone),
            locale=c.locale.strip(),
            jurisdiction=c.jurisdiction,
            hours=c.hours,
            holidays=c.holidays,
            closures=c.closures,
            lines=c.lines,
        )
        decided = await self.streams.organisations.decide(
            who.act, who.tenant, lambda state: describe(state, wish), expected=expected
        )
        return OrganisationSaved(decided.version)

    async def set_age(self, c: SetMinimumAge, who: Principal, expected: int | None) -> MinimumAgeSaved:
        """Raise the minimum age, or propose to lower it. Raises NotFound, VersionConflict."""
        await self.streams.organisations.decide(
            who.act, who.tenant, lambda state: set_age(state, c.minimum_age, by=who.id), expected=expected
        )
        return await self._age(who)

    async def confirm_age(self, c: ConfirmMinimumAge, who: Principal) -> MinimumAgeSaved:
        """Agree to a lower age. Raises NotFound, NothingProposed, NeedsAnother."""
        await self.streams.organisations.decide(
            who.act, who.tenant, lambda state: confirm_age(state, c.minimum_age, by=who.id)
        )
        return await self._age(who)

    async def _age(self, who: Principal) -> MinimumAgeSaved:
        state, version = await self.streams.organisations.load(who.tenant, who.tenant)
        clinic = existing(state)
        return MinimumAgeSaved(clinic.minimum_age, clinic.proposal.minimum_age if clinic.proposal else None, version)


def seen(tenant: TenantId, clinic: Organisation, version: int) -> OrganisationView:
    """The clinic as its members and other contexts see it."""
    told = clinic.description
    return OrganisationView(
        tenant,
        clinic.name,
        clinic.zone,
        clinic.locale,
        region=clinic.region,
        minimum_age=clinic.minimum_age,
        proposed_minimum_age=clinic.proposal.minimum_age if clinic.proposal else None,
        jurisdiction=told.jurisdiction if told else "",
        hours=told.hours if told else (),
        holidays=told.holidays if told else (),
        closures=told.closures if told else (),
        lines=told.lines if told else (),
        version=version,
    )
