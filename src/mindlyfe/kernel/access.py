"""Access tokens: what they say, and how a service verifies them by itself."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Forbidden, Unauthenticated, Unavailable
from mindlyfe.kernel.messages import PersonId, Role, TenantId

AUDIENCE: Final = "mindlyfe"
TYPE: Final = "at+jwt"
ALGORITHM: Final = "ES256"
_LONGEST: Final = 8192
_LEEWAY_S: Final = 5
_FRESH_S: Final = 30
_STALE_S: Final = 600
_RETRY_S: Final = 1.0


class SigningKeys(Protocol):
    """The public keys access tokens are signed with. Identity answers."""

    async def jwks(self) -> bytes:
        """A JWK set (RFC 7517) as JSON: every key that may still have signed a valid token."""
        ...


class InvalidToken(Unauthenticated):
    """The access token is not valid, or no longer."""

    code = "invalid-token"
    advice = "Refresh the access token, or sign in again."


class ScopeTooNarrow(Forbidden):
    """The person did not allow the app to do this."""

    code = "insufficient-scope"
    advice = "Ask the person for the scope that this route names."


class CrossSite(Forbidden):
    """Another site sent this request with the user's cookies."""

    code = "cross-site"
    advice = "Send the request from the platform's own pages, or with a bearer token."


class Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an access token says. Instants are seconds since 1970, UTC."""

    iss: str
    aud: str
    sub: PersonId
    tenant: TenantId
    region: str
    roles: frozenset[Role]
    sid: UUID
    aal: int
    auth_time: int
    iat: int
    exp: int
    jti: UUID
    nbf: int = 0
    acr: str = ""
    """`aal` in the words of OpenID, `aal2`, for those who verify our tokens by themselves (RFC 9068)."""
    amr: tuple[str, ...] = ()
    """How the person proved who they are (RFC 8176)."""
    client_id: str = ""
    """The app the token was given to; none for our own pages."""
    scope: str = ""
    """What the app may do, separated by spaces (RFC 8693)."""


class _Key(msgspec.Struct, frozen=True):
    kid: str
    kty: str
    crv: str = ""
    x: str = ""
    y: str = ""


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[msgspec.Raw]


def access_cookie(instance: str, secure: bool) -> str:
    """The name of the cookie that carries the access token; cookies ignore ports, so it names the instance."""
    return f"{'__Host-' if secure else ''}mindlyfe_{instance}_access"


class TokenVerifier:
    """Verifies access tokens against the signing keys of identity; fails closed.

    Keys are asked for again after 30 s in the background, and at once for an unknown key id (at most once a second).
    Without an answer the last keys hold for 10 minutes, the life of a token.
    """

    def __init__(
        self,
        keys: SigningKeys,
        *,
        issuer: str,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        capacity: int = 4096,
    ) -> None:
        self._source, self._issuer, self._clock, self._monotonic = keys, issuer, clock, monotonic
        self._capacity = capacity
        self._keys: dict[str, ECKey] = {}
        self._loaded = self._tried = float("-inf")
        self._loading: asyncio.Task[None] | None = None
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()

    async def verify(self, token: str) -> Claims:
        """What the token says. Raises InvalidToken, or Unavailable when the signing keys cannot be had."""
        if len(token) > _LONGEST:
            raise InvalidToken
        age = self._monotonic() - self._loaded
        if age > _STALE_S:
            await self._refresh()
        elif age > _FRESH_S:
            self._begin()
        digest = hashlib.sha256(token.encode()).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = await self._check(token)
            self._remember(digest, claims)
        else:
            self._verified.move_to_end(digest)
        if claims.exp + _LEEWAY_S <= self._clock().timestamp():
            raise InvalidToken
        return claims

    def _remember(self, digest: bytes, claims: Claims) -> None:
        self._verified[digest] = claims
        if len(self._verified) > self._capacity:
            self._verified.popitem(last=False)

    async def _check(self, token: str) -> Claims:
        try:
            signed = jws.extract_compact(token.encode())
        except (JoseError, ValueError, RecursionError) as wrong:
            raise InvalidToken from wrong
        header = signed.headers()
        if header.get("alg") != ALGORITHM or str(header.get("typ")).lower() != TYPE or "crit" in header:
            raise InvalidToken
        key = await self._key(header.get("kid"))
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[ALGORITHM]).payload
            claims = msgspec.json.decode(payload or b"", type=Claims)
        except (JoseError, ValueError, msgspec.MsgspecError, RecursionError) as wrong:
            raise InvalidToken from wrong
        now = self._clock().timestamp() + _LEEWAY_S
        if claims.iss != self._issuer or claims.aud != AUDIENCE or claims.nbf > now or claims.iat > now:
            raise InvalidToken
        return claims

    async def _key(self, kid: object) -> ECKey:
        if not isinstance(kid, str):
            raise InvalidToken
        if kid not in self._keys:
            await self._refresh()
        try:
            return self._keys[kid]
        except KeyError:
            raise InvalidToken from None

    async def _refresh(self) -> None:
        self._begin()
        if self._loading:
            await asyncio.shield(self._loading)
        if self._monotonic() - self._loaded > _STALE_S:
            raise Unavailable("The signing keys cannot be reached.")

    def _begin(self) -> None:
        if self._loading or self._monotonic() - self._tried < _RETRY_S:
            return
        self._tried = self._monotonic()
        self._loading = asyncio.create_task(self._load(), name="signing keys")
        self._loading.add_done_callback(self._ended)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._loading = None

    async def _load(self) -> None:
        try:
            keys = _parsed(await self._source.jwks())
        except Exception as error:  # noqa: BLE001 - whatever goes wrong over there, here are no keys
            structlog.get_logger().warning("signing keys not loaded", exc_info=error)
            return
        if keys.keys() != self._keys.keys():
            self._verified.clear()
        self._keys, self._loaded = keys, self._monotonic()


def _parsed(jwks: bytes) -> dict[str, ECKey]:
    """The P-256 keys of a set; what is of another kind signs no access token."""
    keys: dict[str, ECKey] = {}
    for raw in msgspec.json.decode(jwks, type=_KeySet).keys:
        key = msgspec.json.decode(raw, type=_Key)
        if key.kty == "EC" and key.crv == "P-256":
            public: dict[str, Any] = {"kty": key.kty, "crv": key.crv, "x": key.x, "y": key.y}
            keys[key.kid] = ECKey.import_key(public)
    return keys
