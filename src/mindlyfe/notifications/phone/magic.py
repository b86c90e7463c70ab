"""Numbers that make the development phone fail: Twilio's own ones for tests, and some more."""

from typing import Final

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """What is said instead of taking a text."""

    status: int
    code: int
    message: str
    retry_after: str = ""


REFUSALS: Final = {
    "+15005550001": Refusal(400, 21211, "The 'To' number is not a valid phone number."),
    "+15005550004": Refusal(400, 21610, "Attempt to send to unsubscribed recipient."),
    "+15005550009": Refusal(400, 21614, "'To' number is not a valid mobile number."),
    "+15005550429": Refusal(429, 20429, "Too many requests.", retry_after="2"),
    "+15005550500": Refusal(500, 20500, "Internal server error."),
}
UNDELIVERED: Final = {"+15005550003": "30003"}
"""These are taken and then do not arrive, with the code of a phone that is off."""
LOST: Final = frozenset({"+15005550008"})
"""Of these nobody ever hears again."""
