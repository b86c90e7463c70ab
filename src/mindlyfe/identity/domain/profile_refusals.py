"""What is refused of a person's profile, one class per reason."""

from mindlyfe.kernel.errors import DomainError, Forbidden


class UnknownCountry(DomainError):
    """There is no such country."""

    status = 422
    code = "unknown-country"
    advice = "Give the two letters of ISO 3166, such as GB."


class UnknownLanguage(DomainError):
    """There is no such language, or no such region of it."""

    status = 422
    code = "unknown-language"
    advice = "Give a BCP 47 tag such as en-GB."


class UnknownPhone(DomainError):
    """No telephone number begins so."""

    status = 422
    code = "unknown-phone"
    advice = "Give the number with its country code, such as +44 and the number without its first 0."


class EmptyHours(DomainError):
    """Some best hours end before they begin."""

    status = 422
    code = "empty-hours"
    advice = "Let each window end after it begins; one over midnight is two."


class GuardianNeeded(DomainError):
    """A person below 18 needs a guardian who can be reached."""

    status = 422
    code = "guardian-needed"
    advice = "Give the name and the telephone number of a guardian."


class OwnRecord(Forbidden):
    """This is corrected by somebody else."""

    code = "own-record"
    advice = "Ask a colleague at the front desk."
