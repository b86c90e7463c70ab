"""What a person holds that proves who they are, and what became of the challenges they were given."""

from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Instant


class Totp(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticator app. `step` is the last that was accepted."""

    factor: UUID
    secret: str
    at: Instant
    step: int = -1


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A key pair in a device of the person."""

    factor: UUID
    name: str
    credential: bytes
    key: bytes
    signs: int
    synced: bool
    added_at: Instant
    used_at: Instant | None = None


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a challenge so far."""

    challenge: UUID
    at: Instant
    wrong: int = 0
    used: bool = False
