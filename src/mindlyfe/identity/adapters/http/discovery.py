"""What this provider is and can do, for the libraries of apps: OpenID, OAuth (RFC 8414) and SMART."""

from typing import Any, Final

import msgspec
from litestar import Response, Router

from mindlyfe.identity.domain.app_scopes import SUPPORTED
from mindlyfe.kernel.access import ALGORITHM
from mindlyfe.kernel.http import PUBLIC, get

CACHED: Final = {"cache-control": "public, max-age=3600"}
METHODS: Final = ["none", "client_secret_basic", "client_secret_post"]
WITH_SECRET: Final = ["client_secret_basic", "client_secret_post"]


class Discovery(msgspec.Struct, frozen=True):
    """The metadata of an authorization server; each field is a name of the standards' registries."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    code_challenge_methods_supported: list[str]


def routes(issuer: str) -> Router:
    """`/.well-known/…`."""
    base = issuer.rstrip("/")
    server = msgspec.json.encode(_server(issuer, base))
    openid = msgspec.json.encode(_server(issuer, base) | _openid(base))
    smart = msgspec.json.encode(_server(issuer, base) | _smart())

    @get("/openid-configuration", needs=PUBLIC)
    async def openid_configuration() -> Response[Discovery]:
        """The provider, in the words of OpenID Connect Discovery."""
        return _sent(openid)

    @get("/oauth-authorization-server", needs=PUBLIC)
    async def authorization_server() -> Response[Discovery]:
        """The same in the words of OAuth (RFC 8414)."""
        return _sent(server)

    @get("/smart-configuration", needs=PUBLIC)
    async def smart_configuration() -> Response[Discovery]:
        """The same in the words of SMART App Launch 2."""
        return _sent(smart)

    return Router(
        "/.well-known",
        route_handlers=[openid_configuration, authorization_server, smart_configuration],
        tags=["Sign-in for apps"],
    )


def _sent(document: bytes) -> Response[Any]:
    return Response(document, media_type="application/json", headers=CACHED)


def _server(issuer: str, base: str) -> dict[str, Any]:
    oauth = f"{base}/v1/oauth"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": f"{oauth}/token",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "scopes_supported": [*SUPPORTED],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint": f"{oauth}/revoke",
        "revocation_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint": f"{oauth}/introspect",
        "introspection_endpoint_auth_methods_supported": WITH_SECRET,
        "pushed_authorization_request_endpoint": f"{oauth}/par",
        "authorization_response_iss_parameter_supported": True,
    }


def _openid(base: str) -> dict[str, Any]:
    return {
        "userinfo_endpoint": f"{base}/v1/oauth/userinfo",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "acr_values_supported": ["aal1", "aal2"],
        "prompt_values_supported": ["login", "consent", "select_account", "none"],
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"),
            *("name", "locale", "zoneinfo", "email", "email_verified", "fhirUser"),
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def _smart() -> dict[str, Any]:
    return {
        "capabilities": [
            *("launch-standalone", "context-standalone-patient", "client-public", "client-confidential-symmetric"),
            *("sso-openid-connect", "permission-patient", "permission-user", "permission-offline", "permission-v2"),
        ]
    }
