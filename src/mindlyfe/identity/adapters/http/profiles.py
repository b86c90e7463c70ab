"""Profiles of people: one's own, and patients' for the front desk and who treats them."""

from typing import Final

from litestar import Router

from mindlyfe.identity.application.profiles import Profiles
from mindlyfe.identity.contract import ChangeProfile, MemberSaved
from mindlyfe.identity.contract.profiles import ConfirmWhereabouts, CorrectBirth, PatientHeader, ProfileView
from mindlyfe.identity.domain.profile_refusals import (
    EmptyHours,
    GuardianNeeded,
    OwnRecord,
    UnknownCountry,
    UnknownLanguage,
    UnknownPhone,
)
from mindlyfe.identity.domain.refusals import ImpossibleBirth, UnknownZone
from mindlyfe.kernel.errors import KeyReused, NotFound, VersionConflict
from mindlyfe.kernel.http import get, put
from mindlyfe.kernel.messages import PersonId, Principal

REFUSED: Final = (
    NotFound,
    UnknownZone,
    UnknownLanguage,
    UnknownPhone,
    EmptyHours,
    GuardianNeeded,
    VersionConflict,
    KeyReused,
)
"""Why a profile is not replaced."""


def own(profiles: Profiles) -> Router:
    """`/v1/me/profile`, `/v1/me/whereabouts`."""

    @get("/profile", needs="me:read", refuses=(NotFound,))
    async def mine(who: Principal) -> ProfileView:
        """Everything the clinic keeps in the caller's profile."""
        return await profiles.mine(who)

    @put("/profile", needs="me:change", refuses=REFUSED)
    async def change_mine(data: ChangeProfile, who: Principal, expected: int | None) -> MemberSaved:
        """Replace the caller's profile in this organisation."""
        return await profiles.change_mine(data, who, expected)

    @put("/whereabouts", needs="me:change", refuses=(NotFound, UnknownCountry, KeyReused))
    async def confirm_whereabouts(data: ConfirmWhereabouts, who: Principal) -> MemberSaved:
        """Say which country one is in now; asked again at each check-in."""
        return await profiles.confirm_whereabouts(data, who)

    return Router("/v1/me", route_handlers=[mine, change_mine, confirm_whereabouts], tags=["Me"])


def of_patients(profiles: Profiles) -> Router:
    """`/v1/patients/{person}/…`."""

    @get("/profile", needs="profiles:read", clinical=True, audits="profiles.read", refuses=(NotFound,))
    async def profile(person: PersonId, who: Principal) -> ProfileView:
        """A patient's profile. Clinicians see those of the patients whom they treat now."""
        return await profiles.of_patient(person, who)

    @get("/header", needs="profiles:read", clinical=True, audits="profiles.read", refuses=(NotFound,))
    async def header(person: PersonId, who: Principal) -> PatientHeader:
        """Name, date of birth and pronouns: what stands above everything about a patient."""
        return await profiles.header_for(person, who)

    @put("/profile", needs="profiles:change", clinical=True, refuses=REFUSED)
    async def change(person: PersonId, data: ChangeProfile, who: Principal, expected: int | None) -> MemberSaved:
        """Replace a patient's profile, as they told the front desk."""
        return await profiles.change_of_patient(person, data, who, expected)

    @put(
        "/date-of-birth",
        needs="profiles:change",
        clinical=True,
        refuses=(NotFound, OwnRecord, ImpossibleBirth, VersionConflict, KeyReused),
    )
    async def correct_birth(person: PersonId, data: CorrectBirth, who: Principal, expected: int | None) -> MemberSaved:
        """Correct a patient's date of birth, with the reason on record. Nobody corrects their own."""
        return await profiles.correct_birth(person, data, who, expected)

    handlers = [profile, header, change, correct_birth]
    return Router("/v1/patients/{person:uuid}", route_handlers=handlers, tags=["Profiles"])
