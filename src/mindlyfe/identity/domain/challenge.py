"""What a right password gets from who has a second factor: a challenge, good for five minutes, once, as things stand.

It says which account it is for and at which version; a new password or another factor makes it void.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.codes import Mac
from mindlyfe.identity.domain.refusals import ChallengeEnded
from mindlyfe.kernel.messages import PersonId, TenantId

PURPOSE: Final = "identity/second-factor"
PROOF_BYTES: Final = 32


class Challenge(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A sign-in that waits for its second step."""

    id: UUID
    person: PersonId
    organisation: TenantId
    account: int
    """Version of the account."""
    changes: int
    """Of the factors."""
    expires_at: int
    """Seconds since 1970, UTC."""
    device: str = ""

    @property
    def until(self) -> datetime:
        """When it ends."""
        return datetime.fromtimestamp(self.expires_at, UTC)


def written(challenge: Challenge, mac: Mac) -> str:
    """The challenge as text, with a proof that we made it."""
    stands_for = msgspec.msgpack.encode(challenge)
    return base64.urlsafe_b64encode(mac(PURPOSE, stands_for) + stands_for).rstrip(b"=").decode()


def read(text: str, mac: Mac) -> Challenge:
    """A challenge that we made, ended or not. Raises ChallengeEnded."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise ChallengeEnded from None
    proof, stands_for = raw[:PROOF_BYTES], raw[PROOF_BYTES:]
    if not hmac.compare_digest(proof, mac(PURPOSE, stands_for)):
        raise ChallengeEnded
    return msgspec.msgpack.decode(stands_for, type=Challenge)
