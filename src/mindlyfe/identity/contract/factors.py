"""Second factors: the second step of a sign-in, proving once more who one is, and managing what one has."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.answers import SignedIn
from mindlyfe.identity.contract.commands import Delivery, Password
from mindlyfe.identity.contract.members import Reason
from mindlyfe.identity.contract.passkeys import PasskeyProof, PasskeyView
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId

TotpCode = Annotated[
    str,
    msgspec.Meta(pattern=r"^[0-9]{6}$", description="What the authenticator app shows now.", examples=["287082"]),
]
BackupCode = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9A-Za-z -]{1,64}$",
        description="One of the codes that were shown once.",
        examples=["7q3k9m-0d2f5g-8h1j4n-6p7r9s"],
    ),
]
Challenge = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9_-]{1,600}$",
        description="From the first step of the sign-in.",
        examples=["AZC4pHweejqfUyuPHJ1OEA"],
    ),
]
Method = Literal["totp", "backup-code", "passkey"]


class SecondFactorNeeded(msgspec.Struct, frozen=True):
    """The password is right; one of `methods` is needed, too. `challenge` works once, until `expires_at`.

    A passkey needs no password: it answers at `/v1/sessions/passkey`.
    """

    challenge: str
    methods: tuple[Method, ...]
    expires_at: Instant


class TotpProof(Command, frozen=True, tag_field="method", tag="totp"):
    """The code of an authenticator app. Each works once."""

    code: TotpCode


class BackupCodeProof(Command, frozen=True, tag_field="method", tag="backup-code"):
    """One of the backup codes. Each works once."""

    code: BackupCode


class PasswordProof(Command, frozen=True, tag_field="method", tag="password"):
    """The password, which renews the proof and makes it no stronger."""

    password: Password


SecondProof = TotpProof | BackupCodeProof
Proof = TotpProof | BackupCodeProof | PasswordProof | PasskeyProof


class FinishSignIn(Command, frozen=True):
    """The second step of a sign-in."""

    challenge: Challenge
    proof: SecondProof
    delivery: Delivery


class Prove(Command, frozen=True):
    """Prove once more who you are, within the session."""

    proof: Proof


class ConfirmTotp(Command, frozen=True):
    """A code made with the secret that was shown."""

    code: TotpCode


class ResetFactors(Command, frozen=True):
    """Remove all second factors of somebody who lost them. `reason` says how you know that it is they who ask."""

    reason: Reason


class TotpOffer(msgspec.Struct, frozen=True):
    """A secret for an authenticator app, shown once; `address` as a QR code. It counts once confirmed."""

    factor: UUID
    secret: str
    address: str
    expires_at: Instant


class BackupCodes(msgspec.Struct, frozen=True):
    """New codes, each of use once. They are shown now and never again; all older ones are void."""

    codes: tuple[str, ...]


class FactorAdded(msgspec.Struct, frozen=True):
    """The factor counts from now on, and this session is as strong as it makes it.

    Other sessions of the person ended. `backup_codes` come with the first factor, and are shown once.
    """

    factor: UUID
    session: SignedIn
    backup_codes: tuple[str, ...] = ()


class FactorRemoved(msgspec.Struct, frozen=True):
    """It counts no more; other sessions of the person ended."""

    second_factor: bool
    """Whether another one is left."""
    warning: str | None = None


class TotpView(msgspec.Struct, frozen=True):
    """An authenticator app."""

    factor: UUID
    added_at: Instant


class FactorsView(msgspec.Struct, frozen=True):
    """What the caller has. A password alone signs in while `second_factor` is false."""

    second_factor: bool
    totp: TotpView | None
    passkeys: tuple[PasskeyView, ...]
    backup_codes_left: int


class FactorsChangedV1(Event, frozen=True, tag="identity.factors-changed.v1"):
    """A second factor was added or removed, or backup codes were renewed or used up; the owner is told."""

    person: PersonId
