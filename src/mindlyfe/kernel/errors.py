"""Refusals every context shares. One class per reason; rendered as RFC 9457 problem+json in `http` alone."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal with a slug, an HTTP status, and words that say what happened and what to do.

    Subclass it per reason; the docstring's first line becomes the problem's title.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"
    advice: ClassVar[str] = ""
    """What the caller can do about it, one sentence."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.advice or self.code)


class Malformed(DomainError):
    """The request cannot be understood."""

    status = 400
    code = "malformed"
    advice = "Compare the request with the API description."


class Unauthenticated(DomainError):
    """Nobody is signed in."""

    status = 401
    code = "unauthenticated"
    advice = "Sign in and send the access token."


class Forbidden(DomainError):
    """The caller's role does not allow this."""

    status = 403
    code = "forbidden"
    advice = "Ask an administrator of the clinic for the permission."


class AssuranceTooLow(Forbidden):
    """This needs a stronger sign-in."""

    code = "assurance-too-low"
    advice = (
        "Sign in with a second factor. Who has none adds one first, on the page /second-factor or by "
        "POST /v1/me/factors/totp and then /v1/me/factors/totp/confirmation, which strengthens this session."
    )


class SignInTooOld(Forbidden):
    """The sign-in was too long ago for this."""

    code = "sign-in-too-old"
    advice = "Prove once more who you are, then repeat the request within 10 minutes."


class NotFound(DomainError):
    """There is no such thing, or the caller may not see it."""

    status = 404
    code = "not-found"
    advice = "Check the address and the clinic you are signed in to."


class Erased(DomainError):
    """The person's data was erased; what depended on it can no longer be read or changed."""

    status = 410
    code = "erased"


class IdTaken(DomainError):
    """This id belongs to something else."""

    code = "id-taken"
    advice = "Make a new id."


class VersionConflict(DomainError):
    """Somebody else changed it first."""

    status = 412
    code = "version-conflict"
    advice = "Read it again and repeat the change on the new version."


class TooLarge(DomainError):
    """The body is larger than this route accepts."""

    status = 413
    code = "too-large"


class KeyReused(DomainError):
    """The Idempotency-Key was used before with another request."""

    status = 422
    code = "idempotency-key-reused"
    advice = "Use a new key for a new request."


class TooMany(DomainError):
    """Too many requests."""

    status = 429
    code = "too-many-requests"
    advice = "Wait and try again."


class Unavailable(DomainError):
    """A part this request depends on does not answer."""

    status = 503
    code = "unavailable"
    advice = "Nothing was changed. Try again in a moment."


class OAuthRefusal(DomainError):
    """A refusal that OAuth has a word for: its code, written with underscores."""

    status = 400
