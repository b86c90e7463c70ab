"""What a profile holds besides name, zone, language and pronouns, and whether it can be true."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from mindlyfe.identity.contract.commands import Guardian
from mindlyfe.identity.contract.profiles import EmergencyContact, SafeContact
from mindlyfe.identity.domain.places import known_phone
from mindlyfe.identity.domain.profile_refusals import EmptyHours, GuardianNeeded

OF_AGE: Final = 18


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """How to call and reach a person, and who stands by them."""

    safe_name: str = ""
    phone: str | None = None
    safe_contact: SafeContact = SafeContact()
    emergency_contact: EmergencyContact | None = None
    guardian: Guardian | None = None


def plausible(details: Details) -> Details:
    """The details, if they can be true. Raises UnknownPhone, EmptyHours."""
    numbers = (details.phone, *(one.phone for one in (details.emergency_contact, details.guardian) if one))
    for number in numbers:
        if number is not None:
            known_phone(number)
    if any(hours.from_ >= hours.to for hours in details.safe_contact.hours):
        raise EmptyHours
    return details


def minor(born: date | None, *, zone: str, now: datetime) -> bool:
    """Whether somebody has not had their 18th birthday in their zone. Without a date of birth nobody is a minor."""
    if born is None:
        return False
    today = now.astimezone(ZoneInfo(zone)).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < OF_AGE


def guarded(guardian: Guardian | None, *, born: date | None, zone: str, now: datetime) -> None:
    """A minor has a guardian. Raises GuardianNeeded."""
    if guardian is None and minor(born, zone=zone, now=now):
        raise GuardianNeeded
