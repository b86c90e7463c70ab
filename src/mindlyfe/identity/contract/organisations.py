"""The clinic as its administrators describe it: where its law is, when it is open, whom to call."""

from datetime import date
from typing import Annotated

import msgspec

from mindlyfe.kernel.messages import Command, Event, Instant

Jurisdiction = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$",
        description="Whose law holds (ISO 3166): a country or, where it has laws of its own, a part. Empty: not said.",
        examples=["GB-ENG"],
    ),
]
From = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
To = Annotated[str, msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["17:00"])]
Label = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$")]
Number = Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9][0-9 ]{1,24}$", examples=["+44 20 7946 0000"])]
Age = Annotated[int, msgspec.Meta(ge=0, le=120, examples=[18])]


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Open each week on this day (1 Monday … 7 Sunday), by the wall clock of the clinic's zone."""

    weekday: Annotated[int, msgspec.Meta(ge=1, le=7)]
    from_: From
    to: To


class Holiday(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole day on which the clinic is closed."""

    on: date
    name: Label


class Closure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A time in which the clinic is closed, once."""

    from_: Instant
    to: Instant


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A telephone number of the clinic, or for a crisis."""

    name: Label
    number: Number
    crisis: bool = False


class DescribeOrganisation(Command, frozen=True):
    """The clinic, replaced as a whole. Its home region and its minimum age are not changed here."""

    name: Label
    zone: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}$", examples=["Europe/London"])]
    locale: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$", examples=["en-GB"])]
    jurisdiction: Jurisdiction = ""
    hours: Annotated[tuple[Opening, ...], msgspec.Meta(max_length=50)] = ()
    holidays: Annotated[tuple[Holiday, ...], msgspec.Meta(max_length=200)] = ()
    closures: Annotated[tuple[Closure, ...], msgspec.Meta(max_length=200)] = ()
    lines: Annotated[tuple[Line, ...], msgspec.Meta(max_length=20)] = ()


class SetMinimumAge(Command, frozen=True):
    """From which age on people may register. A lower one waits for a second administrator."""

    minimum_age: Age


class ConfirmMinimumAge(Command, frozen=True):
    """Agree to the age that another administrator proposed."""

    minimum_age: Age


class OrganisationSaved(msgspec.Struct, frozen=True):
    """The clinic changed."""

    version: int


class MinimumAgeSaved(msgspec.Struct, frozen=True):
    """The age that holds, and the lower one that waits for a second administrator."""

    minimum_age: int
    proposed: int | None
    version: int


class OrganisationChangedV1(Event, frozen=True, tag="identity.organisation-changed.v1"):
    """Something about the clinic is different; `Organisations` tells what it is now."""
