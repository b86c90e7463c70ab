"""The public keys that access tokens are verified with."""

from litestar import Response, Router

from mindlyfe.identity.contract import SigningKeys
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.http import PUBLIC, get


def routes(keys: SigningKeys) -> Router:
    """`/.well-known/jwks.json`."""

    @get("/jwks.json", needs=PUBLIC, refuses=(Unavailable,))
    async def jwks() -> Response[bytes]:
        """The keys as a JWK set (RFC 7517); a new key is here before it signs."""
        return Response(
            await keys.jwks(), media_type="application/json", headers={"cache-control": "public, max-age=300"}
        )

    return Router("/.well-known", route_handlers=[jwks], tags=["Keys"])
