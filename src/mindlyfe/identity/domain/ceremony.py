"""What an authenticator signs: a challenge that proves we made it, for whom and for what, good for five minutes.

Nothing is stored to check one; that it was used is noted in the factors of whose passkey answered.
"""

import hmac
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.codes import Mac
from mindlyfe.identity.domain.refusals import ChallengeEnded
from mindlyfe.kernel.messages import PersonId

type Ceremony = Literal["registration", "sign-in"]
ANYBODY: Final = PersonId(UUID(int=0))
"""Who signs in says who they are by the passkey alone."""
PROOF_BYTES: Final = 32
BYTES: Final = PROOF_BYTES + 16 + 16 + 8


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One challenge to an authenticator."""

    ceremony: Ceremony
    id: UUID
    person: PersonId
    expires_at: datetime
    """UTC, whole seconds."""


def written(asked: Asked, mac: Mac) -> bytes:
    """The bytes to be signed."""
    stands_for = asked.id.bytes + asked.person.bytes + int(asked.expires_at.timestamp()).to_bytes(8)
    return mac(_label(asked.ceremony), stands_for) + stands_for


def read(ceremony: Ceremony, signed: bytes, mac: Mac, *, person: PersonId, now: datetime) -> Asked:
    """What was asked of this person. Raises ChallengeEnded for another's, an old one, and one that we never made."""
    proof, stands_for = signed[:PROOF_BYTES], signed[PROOF_BYTES:]
    if len(signed) != BYTES or not hmac.compare_digest(proof, mac(_label(ceremony), stands_for)):
        raise ChallengeEnded
    until = datetime.fromtimestamp(int.from_bytes(stands_for[32:]), UTC)
    asked = Asked(
        ceremony=ceremony,
        id=UUID(bytes=stands_for[:16]),
        person=PersonId(UUID(bytes=stands_for[16:32])),
        expires_at=until,
    )
    if now >= until or asked.person != person:
        raise ChallengeEnded
    return asked


def _label(ceremony: Ceremony) -> str:
    return f"identity/passkey/{ceremony}"
