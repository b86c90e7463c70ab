"""Profiles: one's own, and those of patients for who may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mindlyfe.identity.application.acts import member_stream
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.surviving import surviving
from mindlyfe.identity.contract import ChangeProfile, MemberSaved
from mindlyfe.identity.contract.profiles import (
    ConfirmWhereabouts,
    CorrectBirth,
    PatientHeader,
    ProfileView,
    Whereabouts,
)
from mindlyfe.identity.domain.calendar import known_zone
from mindlyfe.identity.domain.details import Details, minor
from mindlyfe.identity.domain.member import Change, Member, ProfileChanged, existing
from mindlyfe.identity.domain.places import known_language
from mindlyfe.identity.domain.profile import confirm_whereabouts, correct_birth, patient, replace
from mindlyfe.identity.domain.profile_refusals import UnknownCountry
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.roles import FRONT_DESK
from mindlyfe.kernel.telemetry import traceparent


class Treatments(Protocol):
    """The read model of care relationships."""

    async def treats(self, tenant: TenantId, clinician: PersonId, patient: PersonId) -> bool:
        """Whether a relationship of the two runs now."""
        ...


@dataclass(frozen=True, slots=True)
class Profiles:
    """What the clinic knows of people. Answers Patients of the contract."""

    streams: IdentityStreams
    care: Treatments
    clock: Clock

    async def mine(self, who: Principal) -> ProfileView:
        """The caller's own. Raises NotFound, Erased."""
        member, version = await self.streams.members.load(who.tenant, member_stream(who.tenant, who.id))
        return self._view(existing(member), version)

    async def change_mine(self, c: ChangeProfile, who: Principal, expected: int | None) -> MemberSaved:
        """Replace the caller's. Raises UnknownZone, UnknownLanguage, VersionConflict and what `replace` refuses."""
        return await self._change(who.id, c, who, expected)

    async def confirm_whereabouts(self, c: ConfirmWhereabouts, who: Principal) -> MemberSaved:
        """Note where the caller is now. Raises NotFound, UnknownCountry."""
        now = self.clock()
        stream = member_stream(who.tenant, who.id)
        decided = await self.streams.members.decide(
            who.act, stream, lambda state: confirm_whereabouts(state, c.country, now=now)
        )
        return MemberSaved(who.id, decided.version)

    async def of_patient(self, person: PersonId, who: Principal) -> ProfileView:
        """A patient's, for the front desk and who treats them. Raises NotFound."""
        member, version = await self._patient(who.tenant, person)
        await self._require(member.person, who)
        return self._view(member, version)

    async def header_for(self, person: PersonId, who: Principal) -> PatientHeader:
        """A patient's header, for the front desk and who treats them. Raises NotFound."""
        member, _ = await self._patient(who.tenant, person)
        await self._require(member.person, who)
        return await self.header(tenant=who.tenant, person=member.person)

    async def change_of_patient(
        self, person: PersonId, c: ChangeProfile, who: Principal, expected: int | None
    ) -> MemberSaved:
        """Replace a patient's. Raises what `change_mine` raises."""
        member, _ = await self._patient(who.tenant, person)
        return await self._change(member.person, c, who, expected)

    async def correct_birth(
        self, person: PersonId, c: CorrectBirth, who: Principal, expected: int | None
    ) -> MemberSaved:
        """Correct a patient's date of birth. Raises NotFound, OwnRecord, ImpossibleBirth, VersionConflict."""
        now, reason = self.clock(), c.reason.strip()

        def decision(state: Member | None) -> Sequence[Change]:
            return correct_birth(state, c.date_of_birth, reason=reason, by=who.id, now=now)

        member, _ = await self._patient(who.tenant, person)
        stream = member_stream(who.tenant, member.person)
        decided = await self.streams.members.decide(who.act, stream, decision, expected=expected)
        return MemberSaved(member.person, decided.version)

    async def header(self, *, tenant: TenantId, person: PersonId) -> PatientHeader:
        """Name, date of birth and pronouns of a patient."""
        member, version = await self._patient(tenant, person)
        return PatientHeader(
            person=member.person,
            name=member.name,
            date_of_birth=member.date_of_birth,
            pronouns=member.pronouns,
            version=version,
        )

    async def whereabouts(self, *, tenant: TenantId, person: PersonId) -> Whereabouts:
        """Where a patient is."""
        member, _ = await self._patient(tenant, person)
        return Whereabouts(member.country, member.country_confirmed_at)

    async def locate(self, *, tenant: TenantId, person: PersonId, country: str) -> bool:
        """Note where a patient is, as they told another context."""
        now, act = self.clock(), Act(tenant=tenant, actor=person, correlation=traceparent())
        member, _ = await self._patient(tenant, person)
        try:
            await self.streams.members.decide(
                act, member_stream(tenant, member.person), lambda state: confirm_whereabouts(state, country, now=now)
            )
        except UnknownCountry:
            return False
        return True

    async def _change(self, person: PersonId, c: ChangeProfile, who: Principal, expected: int | None) -> MemberSaved:
        now = self.clock()
        wish = _wish(person, c)
        stream = member_stream(who.tenant, person)
        decided = await self.streams.members.decide(
            who.act, stream, lambda state: replace(state, wish, now=now), expected=expected
        )
        return MemberSaved(person, decided.version)

    async def _require(self, person: PersonId, who: Principal) -> None:
        if not (who.roles & FRONT_DESK or await self.care.treats(who.tenant, who.id, person)):
            raise NotFound

    async def _patient(self, tenant: TenantId, person: PersonId) -> tuple[Member, int]:
        """The patient; who was merged, as the account that is left."""
        try:
            member, version = await surviving(self.streams, tenant, person)
        except Erased:
            raise NotFound from None
        return patient(member), version

    def _view(self, member: Member, version: int) -> ProfileView:
        details = member.details
        return ProfileView(
            person=member.person,
            name=member.name,
            safe_name=details.safe_name,
            pronouns=member.pronouns,
            date_of_birth=member.date_of_birth,
            minor=minor(member.date_of_birth, zone=member.zone, now=self.clock()),
            zone=member.zone,
            locale=member.locale,
            phone=details.phone,
            safe_contact=details.safe_contact,
            emergency_contact=details.emergency_contact,
            guardian=details.guardian,
            country=member.country,
            country_confirmed_at=member.country_confirmed_at,
            version=version,
        )


def _wish(person: PersonId, c: ChangeProfile) -> ProfileChanged:
    """What `c` makes of a profile. Raises UnknownZone, UnknownLanguage."""
    return ProfileChanged(
        person=person,
        name=c.name.strip(),
        zone=known_zone(c.zone),
        locale=known_language(c.locale.strip()),
        pronouns=c.pronouns.strip(),
        details=Details(
            safe_name=c.safe_name.strip(),
            phone=c.phone,
            safe_contact=c.safe_contact,
            emergency_contact=c.emergency_contact,
            guardian=c.guardian,
        ),
    )
