"""Passkeys (WebAuthn): what a browser is asked, and what it answers in the words of the standard."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.commands import Delivery
from mindlyfe.kernel.messages import Command, Instant, TenantId

Base64Url = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,20000}$", description="Base64url, unpadded.", examples=["AZC4pHweej"])
]
PasskeyName = Annotated[
    str,
    msgspec.Meta(
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        description="What its owner calls it.",
        examples=["My phone"],
    ),
]


class Attestation(msgspec.Struct, frozen=True):
    """A new key pair, as the device describes it."""

    client_data: Base64Url = msgspec.field(name="clientDataJSON")
    attestation_object: Base64Url = msgspec.field(name="attestationObject")


class NewCredential(msgspec.Struct, frozen=True):
    """What `navigator.credentials.create()` gives, by `toJSON()`; what is not named here is left aside."""

    id: Base64Url
    raw_id: Base64Url = msgspec.field(name="rawId")
    type: Literal["public-key"]
    response: Attestation


class Assertion(msgspec.Struct, frozen=True):
    """A signature, and what was signed. `userHandle` says who the person is."""

    client_data: Base64Url = msgspec.field(name="clientDataJSON")
    authenticator_data: Base64Url = msgspec.field(name="authenticatorData")
    signature: Base64Url
    user_handle: Base64Url = msgspec.field(name="userHandle")


class Credential(msgspec.Struct, frozen=True):
    """What `navigator.credentials.get()` gives, by `toJSON()`; what is not named here is left aside."""

    id: Base64Url
    raw_id: Base64Url = msgspec.field(name="rawId")
    type: Literal["public-key"]
    response: Assertion


class AddPasskey(Command, frozen=True):
    """The key pair that a device made for the challenge."""

    challenge: Base64Url
    name: PasskeyName
    credential: NewCredential


class RenamePasskey(Command, frozen=True):
    """Call it something else."""

    name: PasskeyName


class SignInByPasskey(Command, frozen=True):
    """Open a session by a passkey alone. `organisation` chooses one of several; the first joined is the default."""

    challenge: Base64Url
    credential: Credential
    delivery: Delivery
    organisation: TenantId | None = None


class PasskeyProof(Command, frozen=True, tag_field="method", tag="passkey"):
    """The answer of a passkey to a challenge of `/v1/passkey-challenges`."""

    challenge: Base64Url
    credential: Credential


class PasskeyChallenge(msgspec.Struct, frozen=True):
    """What a browser's `navigator.credentials` takes as `publicKey`, by `parse…FromJSON()`. `challenge` goes back."""

    challenge: str
    public_key: dict[str, Any]
    expires_at: Instant


class PasskeyView(msgspec.Struct, frozen=True):
    """A passkey. `synced`: its owner's other devices may have it, too."""

    factor: UUID
    name: str
    synced: bool
    added_at: Instant
    used_at: Instant | None
