"""What a clinic may switch here."""

from typing import Any, Final

from mindlyfe.kernel.declared import Flag

BOOKINGS_TO_THERAPISTS: Final = Flag(
    "bookings-to-therapists",
    "Tells therapists by mail of each appointment that is booked with them; of cancellations they are told always.",
    default=True,
)
FLAGS: Final[tuple[Flag[Any], ...]] = (BOOKINGS_TO_THERAPISTS,)
