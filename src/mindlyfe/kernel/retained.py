"""Records that a law may want kept, as a context counts them: what a decision on erasure knows of them."""

from typing import Literal

import msgspec

from mindlyfe.kernel.messages import Instant

type Class = Literal["clinical", "administrative"]
"""What the law treats alike: records of treatment; everything else."""


class Retained(msgspec.Struct, frozen=True, kw_only=True):
    """Records of one class: how many, and when the last of them was (or will be) made."""

    records: Class
    count: int
    latest: Instant
