"""Changes of a person's profile: by themselves, or by the front desk."""

from collections.abc import Sequence
from datetime import date, datetime

from mindlyfe.identity.domain.calendar import old_enough
from mindlyfe.identity.domain.details import guarded, plausible
from mindlyfe.identity.domain.member import (
    BirthCorrected,
    Change,
    Member,
    ProfileChanged,
    WhereaboutsConfirmed,
    describe,
    existing,
)
from mindlyfe.identity.domain.places import known_country
from mindlyfe.identity.domain.profile_refusals import OwnRecord
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId


def patient(state: Member | None) -> Member:
    """The member, if they are a patient here. Raises NotFound."""
    member = existing(state)
    if "patient" not in member.roles:
        raise NotFound
    return member


def replace(state: Member | None, wish: ProfileChanged, *, now: datetime) -> Sequence[Change]:
    """Replace the profile. Raises NotFound, GuardianNeeded, UnknownPhone, EmptyHours."""
    guarded(wish.details.guardian, born=existing(state).date_of_birth, zone=wish.zone, now=now)
    plausible(wish.details)
    return describe(state, wish)


def correct_birth(state: Member | None, born: date, *, reason: str, by: PersonId, now: datetime) -> Sequence[Change]:
    """Correct a patient's date of birth; nobody corrects their own. Raises NotFound, OwnRecord, ImpossibleBirth.

    A correction that makes somebody a minor needs no guardian at once: the next change of the profile does.
    """
    member = patient(state)
    if by == member.person:
        raise OwnRecord
    old_enough(born, minimum=0, zone=member.zone, now=now)
    if born == member.date_of_birth:
        return []
    was = member.date_of_birth
    return [BirthCorrected(person=member.person, date_of_birth=born, was=was, reason=reason, by=by)]


def confirm_whereabouts(state: Member | None, country: str, *, now: datetime) -> Sequence[Change]:
    """Note where the person is now; the same country again moves the moment on. Raises NotFound, UnknownCountry."""
    return [WhereaboutsConfirmed(person=existing(state).person, country=known_country(country), at=now)]
