"""The word in a courtesy by which its reader says that they want no more of them by mail. Pure."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from uuid import UUID

from mindlyfe.notifications.contract import DeliveryId

MAC_BYTES: Final = 16
LENGTH: Final = 43
"""16 bytes of the delivery and 16 that prove we made the word, as letters."""


def word(delivery: DeliveryId, mac: bytes) -> str:
    """The word of a delivery; `mac` proves that we made it."""
    return urlsafe_b64encode(delivery.bytes + mac[:MAC_BYTES]).decode().rstrip("=")


def named(said: str) -> DeliveryId | None:
    """Which delivery a word speaks of, whoever made it; None when it has not the form of one."""
    if len(said) != LENGTH or not said.isascii():
        return None
    try:
        return DeliveryId(UUID(bytes=urlsafe_b64decode(f"{said}=")[:16]))
    except ValueError:
        return None
