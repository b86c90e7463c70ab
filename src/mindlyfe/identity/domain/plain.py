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
    "handover.ordered": "ordered that a caseload is handed over",
    "handover.settled": "moved a treatment to a colleague",
    "handover.finished": "finished handing a caseload over",
    "sign-in.tried": "gave a wrong password",
    "sign-in.paused": "gave so many wrong passwords that the next try must wait",
    "sign-in.first-step": "gave the right password; a second factor was asked for",
    "sign-in.second-step": "tried to pass the second step too late, too often or twice",
    "session.opened": "signed in",
    "session.revoked": "ended a session",
    "session.reuse-detected": "used up a session's token twice; the session was ended",
    "session.strengthened": "proved once more who they are",
    "session.device-named": "named a device",
    "account.opened": "opened the account",
    "account.admitted": "joined another clinic with the account",
    "account.departed": "left a clinic",
    "account.password-changed": "changed the password",
    "account.address-changed": "changed the e-mail address",
    "account.locked": "locked the account",
    "account.unlocked": "unlocked the account",
    "address-change.asked": "asked to change the e-mail address",
    "address-change.proved": "proved the new e-mail address",
    "address-change.cancelled": "stopped a change of the e-mail address",
    "factors.totp-offered": "asked for an authenticator app",
    "factors.totp-confirmed": "added an authenticator app",
    "factors.backup-codes-made": "made new backup codes",
    "factors.removed": "removed a second factor",
    "factors.reset": "removed all second factors of somebody who lost them",
    "factors.reset-refused": "wanted to remove all second factors, and was refused",
    "factors.totp-accepted": "gave a code of the authenticator app",
    "factors.backup-code-used": "used a backup code",
    "factors.proof-rejected": "gave a wrong second factor",
    "break-glass.opened": "opened the record by emergency access",
    "break-glass.ended": "ended an emergency access",
    "break-glass.reviewed": "reviewed an emergency access",
    "registration.started": "asked to join the clinic",
    "registration.confirmed": "confirmed the e-mail address",
    "registration.password-mismatched": "gave another password than the one chosen at the registration",
    "registration.cancelled": "said that somebody else had registered",
    "appointment.booked": "booked an appointment",
    "appointment.cancelled": "cancelled an appointment",
}
_VERSION: Final = re.compile(r"\.v\d+$")


def plain(action: str) -> str:
    """`profiles.read` → looked at the profile; what has no words of its own is spelled out."""
    name = _VERSION.sub("", action)
    return WORDS.get(name) or re.sub(r"[.:-]+", " ", name).strip()
