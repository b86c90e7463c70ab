"""A person's photo in one organisation."""

from uuid import UUID

import msgspec


class PhotoSaved(msgspec.Struct, frozen=True):
    """The photo that is shown from now on."""

    photo: UUID
    version: int
