"""What was done, in words for who reads their own access log."""

import re
from typing import Final

WORDS: Final = {
    "profiles.read": "looked at the profile",
    "members.read": "looked at the list of members",
    "names.read": "looked up names",
    "consents.read": "looked at the consents",
    "appointments.read": "looked at appointments",
    "care.read": "looked at who treats whom",
    "exports.fetched": "fetched the export of all data",
    "audit.read": "looked at the audit",
    "member.joined": "added the person to the clinic",
    "member.profile-changed": "changed the profile",
    "member.roles-changed": "changed the roles",
    "member.birth-corrected": "corrected the date of birth",
    "member.whereabouts-confirmed": "confirmed the country the person is in",
    "consent.given": "gave a consent",
    "consent.withdrawn": "withdrew a consent",
    "care.started": "began a treatment",
    "care.ended": "ended a treatment",
    "registration.started": "asked to join the clinic",
    "registration.confirmed": "confirmed the e-mail address",
    "appointment.booked": "booked an appointment",
    "appointment.cancelled": "cancelled an appointment",
}
_VERSION: Final = re.compile(r"\.v\d+$")


def plain(action: str) -> str:
    """`profiles.read` → looked at the profile; what has no words of its own is spelled out."""
    name = _VERSION.sub("", action)
    return WORDS.get(name) or re.sub(r"[.:-]+", " ", name).strip()
