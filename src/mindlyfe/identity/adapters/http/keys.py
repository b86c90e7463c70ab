"""The keys that access tokens are signed with: public to all, looked after by operators."""

from litestar import Response, Router

from mindlyfe.identity.adapters.signing_keys import SigningKeyRing
from mindlyfe.identity.contract import SigningKeys
from mindlyfe.identity.contract.signing_keys import SigningKeyView
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.http import PUBLIC, Page, get, post

RECENT_S = 600


def routes(keys: SigningKeys) -> Router:
    """`/.well-known/jwks.json`."""

    @get("/jwks.json", needs=PUBLIC, refuses=(Unavailable,))
    async def jwks() -> Response[bytes]:
        """The keys as a JWK set (RFC 7517); a new key is here before it signs."""
        return Response(
            await keys.jwks(), media_type="application/json", headers={"cache-control": "public, max-age=300"}
        )

    return Router("/.well-known", route_handlers=[jwks], tags=["Keys"])


def administration(ring: SigningKeyRing) -> Router:
    """`/v1/signing-keys`."""

    @get(needs="signing-keys:read", aal=2, refuses=(Unavailable,))
    async def all_() -> Page[SigningKeyView]:
        """The keys of the region that are published, the oldest first."""
        return Page(await ring.published())

    @post(
        "/rotation",
        needs="signing-keys:rotate",
        aal=2,
        recent_s=RECENT_S,
        status_code=200,
        audits="signing-keys.rotated",
        refuses=(Unavailable,),
    )
    async def rotate() -> SigningKeyView:
        """Publish the next key, which signs 15 minutes later; nobody is signed out. One that waits already stays it."""
        next_ = await ring.rotate()
        return next(key for key in await ring.published() if key.id == next_)

    return Router("/v1/signing-keys", route_handlers=[all_, rotate], tags=["Keys"])
