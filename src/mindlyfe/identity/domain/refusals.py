"""What identity refuses, one class per reason. Words never tell whether an address has an account."""

from mindlyfe.kernel.errors import DomainError, Forbidden, Unauthenticated


class SignInFailed(Unauthenticated):
    """The address and the password do not open an account."""

    code = "sign-in-failed"
    advice = "Check the address and the password, and that the address was confirmed by the link in your mail."


class SessionEnded(Unauthenticated):
    """The session is over."""

    code = "session-ended"
    advice = "Sign in again."


class ChallengeEnded(Unauthenticated):
    """The first step of this sign-in counts no more: it is too old, was used, or something changed since."""

    code = "challenge-ended"
    advice = "Sign in again from the beginning."


class SecondFactorFailed(Unauthenticated):
    """The code is wrong, or was used before."""

    code = "second-factor-failed"
    advice = "Give the code that the app shows now, or a backup code that was not used yet."


class ProofFailed(Forbidden):
    """This does not prove who you are."""

    code = "proof-failed"
    advice = "Check the password or the code; a code works once."


class CodeInvalid(DomainError):
    """The code is not one that we made for this."""

    status = 400
    code = "code-invalid"
    advice = "Open the newest link again, and copy all of it."


class CodeExpired(DomainError):
    """The link is too old, or was closed."""

    status = 410
    code = "code-expired"
    advice = "Ask for a new link."


class CodeUsed(DomainError):
    """The link was used before, and works once."""

    status = 409
    code = "code-used"
    advice = "Sign in with the account that was made then."


class AddressTaken(DomainError):
    """There is an account with this address."""

    status = 409
    code = "address-taken"
    advice = "Sign in with that account."


class WeakPassword(DomainError):
    """The password would be guessed too easily."""

    status = 422
    code = "weak-password"
    advice = "Choose 12 characters or more that others do not use; three unrelated words will do."


class WrongPassword(DomainError):
    """The current password is another one."""

    status = 403
    code = "wrong-password"
    advice = "Enter the password you sign in with now. If it is lost, sign out and ask for a link by mail."


class UnknownZone(DomainError):
    """There is no such time zone."""

    status = 422
    code = "unknown-zone"
    advice = "Give an IANA name such as Europe/London."


class ImpossibleBirth(DomainError):
    """Nobody alive was born on that day."""

    status = 422
    code = "impossible-birth"
    advice = "Check the year of the date of birth."


class TooYoung(DomainError):
    """The clinic does not treat people of this age."""

    status = 422
    code = "too-young"
    advice = "Please call the clinic."


class RegistrationPaused(DomainError):
    """The clinic takes no new patients at the moment."""

    code = "registration-paused"
    advice = "The link stays good: try again later, or call the clinic."


class BirthMissing(DomainError):
    """A patient is invited, and joins, with a date of birth."""

    status = 422
    code = "birth-missing"
    advice = "Give the patient's date of birth."


class BirthMismatch(DomainError):
    """The clinic knows another date of birth."""

    status = 422
    code = "birth-mismatch"
    advice = "Check the date of birth. After a few wrong ones the invitation ends: then call the clinic."


class InvitationClosed(DomainError):
    """Somebody joined by the invitation, or it was withdrawn."""

    status = 409
    code = "invitation-closed"
    advice = "Issue a new invitation."


class RoleNotYours(Forbidden):
    """Nobody can give a role that is beyond their own."""

    code = "role-not-yours"
    advice = "Only operators make operators; the role service is for programs."


class LastAdministrator(DomainError):
    """A clinic keeps at least one administrator."""

    status = 409
    code = "last-administrator"
    advice = "Make somebody else administrator first."


class NotYourself(DomainError):
    """Nobody can do this to themselves."""

    status = 409
    code = "not-yourself"
    advice = "Ask another administrator to do it."


class NotStaff(DomainError):
    """The member does not work here."""

    status = 422
    code = "not-staff"
    advice = "Give them a role of staff first."


class StillCaring(DomainError):
    """The member still treats patients here."""

    status = 409
    code = "still-caring"
    advice = "Hand the caseload over to a colleague first."


class CareRuns(DomainError):
    """The clinician treats the patient already, or the id is taken by another relationship."""

    status = 409
    code = "care-runs"
    advice = "Use the relationship that runs, or end it first."


class CareEnded(DomainError):
    """The relationship is over."""

    status = 409
    code = "care-ended"
    advice = "Start a new one under a new id."


class CareBackdated(DomainError):
    """Care begins now or later, and ends after its beginning."""

    status = 422
    code = "care-backdated"
    advice = "Leave `since` out to begin now."


class NotInCare(DomainError):
    """One of the two is not a patient or not a clinician of this clinic."""

    status = 422
    code = "not-in-care"
    advice = "The first must be a patient, the second a therapist or supervisor, both members of the clinic."


class ImpossibleHours(DomainError):
    """The hours end before they begin, or overlap."""

    status = 422
    code = "impossible-hours"
    advice = "Give hours of one day that follow each other; a night goes on the next weekday."


class NothingProposed(DomainError):
    """Nobody proposed this, or somebody has changed it since."""

    status = 409
    code = "nothing-proposed"
    advice = "Read again what is proposed."


class NeedsAnother(DomainError):
    """This takes two people."""

    status = 409
    code = "needs-another"
    advice = "Ask another administrator to confirm it."
