"""Checks what authenticators answer, by the library `webauthn`: origin, site, presence and verification of the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
import webauthn
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mindlyfe.identity.application.ports import NewKey
from mindlyfe.identity.contract.passkeys import Credential, NewCredential
from mindlyfe.identity.domain.passkeys import PasskeyRefused
from mindlyfe.kernel.messages import PersonId

NAME = "MindLyfe"
TIMEOUT_MS = 300_000


@dataclass(frozen=True, slots=True)
class WebAuthn:
    """For the site at `public_url`, whose host is what passkeys are bound to."""

    public_url: str

    @property
    def site(self) -> str:
        """The relying party's id."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def origin(self) -> str:
        """Scheme, host and port of our own pages."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def creation(self, challenge: bytes, *, person: PersonId, account: str, known: Sequence[bytes]) -> dict[str, Any]:
        """Options for a new key pair, found again without an address; a device that has one makes no second."""
        options = webauthn.generate_registration_options(
            rp_id=self.site,
            rp_name=NAME,
            user_id=person.bytes,
            user_name=account,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        )
        return options_to_json_dict(options)

    def request(self, challenge: bytes) -> dict[str, Any]:
        """Options for a signature by whichever passkey the person chooses."""
        options = webauthn.generate_authentication_options(
            rp_id=self.site,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def registered(self, credential: NewCredential, challenge: bytes) -> NewKey:
        """The new public key. Raises PasskeyRefused."""
        try:
            done = webauthn.verify_registration_response(
                credential=msgspec.to_builtins(credential),
                expected_challenge=challenge,
                expected_rp_id=self.site,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - whatever is wrong with what a stranger sent
            raise PasskeyRefused from None
        synced = done.credential_device_type == CredentialDeviceType.MULTI_DEVICE
        return NewKey(done.credential_id, done.credential_public_key, done.sign_count, synced)

    def signed(self, credential: Credential, challenge: bytes, key: bytes) -> int:
        """How often the device says it signed, if this is its signature. Raises PasskeyRefused."""
        try:
            done = webauthn.verify_authentication_response(
                credential=msgspec.to_builtins(credential),
                expected_challenge=challenge,
                expected_rp_id=self.site,
                expected_origin=self.origin,
                credential_public_key=key,
                credential_current_sign_count=0,  # the decision compares, in the transaction that counts
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - whatever is wrong with what a stranger sent
            raise PasskeyRefused from None
        return done.new_sign_count
