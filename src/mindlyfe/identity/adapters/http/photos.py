"""Photos of people."""

from typing import Final

from litestar import Response, Router

from mindlyfe.identity.application.photos import Photos
from mindlyfe.identity.contract.photos import PhotoSaved
from mindlyfe.identity.domain.photo import MOST_BYTES, BadPicture
from mindlyfe.kernel.errors import KeyReused, NotFound, Unavailable
from mindlyfe.kernel.http import delete, get, put
from mindlyfe.kernel.messages import PersonId, Principal

JPEG: Final = "image/jpeg"


def own(photos: Photos) -> Router:
    """`/v1/me/photo`."""

    @get("/photo", needs="me:read", refuses=(NotFound, Unavailable), media_type=JPEG)
    async def mine(who: Principal) -> Response[bytes]:
        """The caller's photo in this organisation."""
        return _shown(await photos.mine(who))

    @put("/photo", needs="me:change", max_body_bytes=MOST_BYTES, refuses=(BadPicture, Unavailable, KeyReused))
    async def change(data: bytes, who: Principal) -> PhotoSaved:
        """Show a photo: a PNG, JPEG or WebP file of up to 2 MiB. It is made anew and small; where and when it was
        taken is not kept."""
        return await photos.change(data, who)

    @delete("/photo", needs="me:change", refuses=(Unavailable, KeyReused))
    async def remove(who: Principal) -> None:
        """Show none, and delete it."""
        await photos.remove(who)

    return Router("/v1/me", route_handlers=[mine, change, remove], tags=["Me"])


def of_patients(photos: Photos) -> Router:
    """`/v1/patients/{person}/photo`."""

    @get(
        "/photo",
        needs="profiles:read",
        clinical=True,
        audits="profiles.read",
        refuses=(NotFound, Unavailable),
        media_type=JPEG,
    )
    async def photo(person: PersonId, who: Principal) -> Response[bytes]:
        """A patient's photo. Clinicians see those of the patients whom they treat now."""
        return _shown(await photos.of_patient(person, who))

    return Router("/v1/patients/{person:uuid}", route_handlers=[photo], tags=["Profiles"])


def _shown(content: bytes) -> Response[bytes]:
    return Response(
        content, media_type=JPEG, headers={"cache-control": "no-store", "x-content-type-options": "nosniff"}
    )
