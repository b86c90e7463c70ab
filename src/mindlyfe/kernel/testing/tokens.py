"""Signing keys and access tokens for tests."""

import time
from typing import Any
from uuid import UUID, uuid4

import msgspec
from joserfc import jws
from joserfc.jwk import ECKey

from mindlyfe.kernel.access import ALGORITHM, AUDIENCE, TYPE
from mindlyfe.kernel.messages import PersonId, Role, TenantId


class Signer:
    """A signing key, new unless it is given, that answers `SigningKeys`, and the tokens it signs.

    `asked` counts the questions.
    """

    def __init__(
        self,
        *,
        kid: str = "test",
        issuer: str = "http://localhost:8080",
        region: str = "eu",
        key: ECKey | None = None,
    ) -> None:
        self.key = key or ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": ALGORITHM})
        self.kid, self.issuer, self.region = kid, issuer, region
        self.asked = 0

    async def jwks(self) -> bytes:
        """Only the public half."""
        self.asked += 1
        return msgspec.json.encode({"keys": [self.key.as_dict(private=False)]})

    def token(
        self,
        *roles: Role,
        person: UUID | None = None,
        tenant: UUID | None = None,
        aal: int = 1,
        lasts_s: int = 600,
        headers: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A token for `person` with `roles` in `tenant`; `claims` and `headers` replace what it says, None removes."""
        now = int(time.time())
        said: dict[str, Any] = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": person or PersonId(uuid4()),
            "tenant": tenant or TenantId(uuid4()),
            "region": self.region,
            "roles": roles,
            "sid": uuid4(),
            "aal": aal,
            "auth_time": now,
            "iat": now,
            "exp": now + lasts_s,
            "jti": uuid4(),
        } | claims
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self.kid} | (headers or {})
        payload = msgspec.json.encode(_without_none(said))
        return jws.serialize_compact(_without_none(header), payload, self.key)

    def bearer(self, *roles: Role, **options: Any) -> dict[str, str]:
        """The headers of a request with such a token."""
        return {"authorization": f"Bearer {self.token(*roles, **options)}"}


def _without_none(items: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in items.items() if value is not None}
