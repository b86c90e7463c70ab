"""Keys that sign tokens, as operators see them: which there are and when each signs, never what is in them."""

import msgspec

from mindlyfe.kernel.messages import Instant


class SigningKeyView(msgspec.Struct, frozen=True):
    """One published key. `signs_until` is when the next one takes over; None while there is none."""

    id: str
    signs_from: Instant
    signs_until: Instant | None
