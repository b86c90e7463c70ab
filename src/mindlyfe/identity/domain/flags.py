"""What a clinic may switch here."""

from typing import Any, Final

from mindlyfe.kernel.declared import Flag

SELF_REGISTRATION: Final = Flag(
    "self-registration",
    "Lets patients register by the clinic's links; switched off, the links stay good and wait.",
    default=True,
)
FLAGS: Final[tuple[Flag[Any], ...]] = (SELF_REGISTRATION,)
