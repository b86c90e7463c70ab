"""How long it takes until a message is tried again. Pure."""

from datetime import timedelta
from typing import Final

FIRST_DELAY: Final = timedelta(seconds=2)
LONGEST_DELAY: Final = timedelta(hours=1)
ATTEMPTS: Final = 14
"""With delays doubling from 2 s to 1 h, about five hours in all."""


def delay(attempts: int) -> timedelta:
    """The longest wait after `attempts` earlier failures: doubling, bounded."""
    return min(FIRST_DELAY * (1 << min(attempts, 20)), LONGEST_DELAY)
