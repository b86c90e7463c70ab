"""Who is at the door: from the headers of a request to a principal that may take this route."""

import hashlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Protocol

from litestar.types import HTTPScope, Scope
from msgspec.structs import replace

from mindlyfe.kernel import telemetry
from mindlyfe.kernel.access import Claims, CrossSite, InvalidToken, ScopeTooNarrow, TokenVerifier
from mindlyfe.kernel.audit import AuditRow
from mindlyfe.kernel.clock import Clock, system_clock
from mindlyfe.kernel.errors import AssuranceTooLow, DomainError, Forbidden, Malformed, SignInTooOld, Unauthenticated
from mindlyfe.kernel.messages import ANONYMOUS, REGION, Act, ByKey, Principal, Role
from mindlyfe.kernel.revocations import Standing
from mindlyfe.kernel.route import Route
from mindlyfe.kernel.scopes import counted as counted_by_scope

type Headers = Mapping[bytes, bytes]

STRONG: Final = 2
"""The assurance that staff needs for what is clinical: a second factor."""
ALONE: Final[frozenset[Role]] = frozenset({"patient"})
"""What counts of somebody's roles at a clinical door without it: access to their own."""
IDEMPOTENCY_KEY: Final[Mapping[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Chosen by the caller, new for each request: repeated with the same key, the request is done once.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    "example": "4c1d8f5e-booking",
}
"""As OpenAPI describes it."""
_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")


class WrongRegion(DomainError):
    """The clinic lives in another region."""

    status = 421
    code = "wrong-region"
    advice = "Send the request to the region the access token names."


class Audits(Protocol):
    """Where reads and refusals are recorded: `audit.Audit` in a process."""

    async def read(self, rows: Sequence[AuditRow]) -> None:
        """Returns when the rows are durable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the routes of one context need from their process."""

    context: str
    region: str
    grants: Mapping[str, frozenset[Role]]
    tokens: TokenVerifier
    revocations: Standing
    cookie: bytes
    """Name of the cookie that may carry the access token."""
    origin: bytes
    """Scheme, host and port of our own pages."""
    audit: Audits
    clock: Clock = system_clock


async def identify(door: Door, route: Route, headers: Headers, act: Act) -> tuple[Principal, Claims]:
    """The signed-in caller, and what their token says.

    Raises Unauthenticated, CrossSite, WrongRegion, Unavailable.
    """
    token, by_cookie = _token(door, headers)
    if by_cookie and not (route.safe and route.kind != "websocket") and not _same_origin(door, headers):
        raise CrossSite
    claims = await door.tokens.verify(token)
    if claims.region != door.region:
        raise WrongRegion
    await door.revocations.check(claims)
    act = Act(tenant=claims.tenant, actor=claims.sub, correlation=act.correlation, client=act.client)
    who = Principal(
        id=claims.sub,
        tenant=claims.tenant,
        roles=claims.roles,
        session=claims.sid,
        aal=claims.aal,
        authenticated_at=datetime.fromtimestamp(claims.auth_time, UTC),
        client=claims.client_id,
        scopes=frozenset(claims.scope.split()),
        act=act,
    )
    return who, claims


def permit(door: Door, route: Route, who: Principal) -> Principal:
    """The caller with the roles that count here.

    Raises Forbidden unless one of them has the permission, ScopeTooNarrow, AssuranceTooLow, SignInTooOld.
    """
    granted = door.grants.get(route.needs, frozenset())
    if granted.isdisjoint(who.roles):
        raise Forbidden
    if who.client:
        who = replace(who, roles=counted_by_scope(route.scope, who.scopes, who.roles))
        if granted.isdisjoint(who.roles):
            raise ScopeTooNarrow
    counted = who.roles & ALONE if route.clinical and who.aal < STRONG else who.roles
    if who.aal < route.aal or granted.isdisjoint(counted):
        raise AssuranceTooLow
    if route.recent_s is not None and door.clock() - who.authenticated_at > timedelta(seconds=route.recent_s):
        raise SignInTooOld
    return who if counted == who.roles else replace(who, roles=counted)


def anonymous(scope: Scope, headers: Headers) -> Act:
    """The request as an act of nobody in particular; `once` is set by `once_per_key`."""
    return Act(
        tenant=REGION, actor=ANONYMOUS, correlation=telemetry.traceparent(), client=client_address(scope, headers)
    )


def once_per_key(headers: Headers, scope: HTTPScope, body: bytes) -> ByKey | None:
    """What the Idempotency-Key makes of this request. Raises Malformed."""
    raw = headers.get(b"idempotency-key")
    if raw is None:
        return None
    key = raw.decode("latin-1")
    if not _KEY.fullmatch(key):
        raise Malformed("Idempotency-Key takes 1 to 128 visible ASCII characters.")
    digest = hashlib.sha256(f"{scope['method']}\n{scope['path']}\n".encode())
    digest.update(scope["query_string"] + b"\n" + body)
    return ByKey(key, digest.digest())


def client_address(scope: Scope, headers: Headers) -> str:
    """Where the request came from: the peer, or what our own gateway on this machine saw as its peer."""
    peer = scope.get("client")
    address = peer[0] if peer else ""
    forwarded = headers.get(b"x-forwarded-for")
    if forwarded and (not address or _loopback(address)):
        return _address(forwarded.decode("latin-1").rpartition(",")[2].strip()) or address
    return address


@lru_cache(256)
def _loopback(address: str) -> bool:
    return bool(_address(address)) and ipaddress.ip_address(address).is_loopback


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _token(door: Door, headers: Headers) -> tuple[str, bool]:
    """The access token, and whether it came by cookie. A bearer token wins over a cookie."""
    authorization = headers.get(b"authorization")
    if authorization is not None:
        scheme, _, token = authorization.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise InvalidToken("Authorization takes `Bearer <access token>`.")
        return token.strip(), False
    for pair in headers.get(b"cookie", b"").split(b";"):
        name, _, value = pair.strip().partition(b"=")
        if name == door.cookie and value:
            return value.decode("latin-1"), True
    raise Unauthenticated


def _same_origin(door: Door, headers: Headers) -> bool:
    """Whether a browser sent it from our own pages; a browser cannot be made to lie in these headers."""
    site = headers.get(b"sec-fetch-site")
    if site is not None and site != b"same-origin":
        return False
    origin = headers.get(b"origin")
    return origin == door.origin if origin is not None else site == b"same-origin"
