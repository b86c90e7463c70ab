"""The cookies that carry tokens for browsers: out of reach of scripts and of other sites."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie
from msgspec.structs import replace

from mindlyfe.identity.contract import Delivery, SignedIn
from mindlyfe.identity.domain.session import IDLE
from mindlyfe.kernel.access import access_cookie

REFRESH_PATH: Final = "/v1/sessions"


@dataclass(frozen=True, slots=True)
class TokenCookies:
    """Cookies ignore ports, so their names carry the instance."""

    instance: str
    secure: bool

    @property
    def refresh_name(self) -> str:
        """The refresh token's; it has a path, which `__Host-` does not allow."""
        return f"{'__Secure-' if self.secure else ''}mindlyfe_{self.instance}_refresh"

    def shown(self, request: Request[Any, Any, Any]) -> str | None:
        """The refresh token that came by cookie."""
        return request.cookies.get(self.refresh_name)

    def way_of(self, request: Request[Any, Any, Any]) -> Delivery:
        """How the tokens of a signed-in caller travel: the way this request brought one."""
        return "bearer" if "authorization" in request.headers else "cookie"

    def hidden(self, signed_in: SignedIn, delivery: Delivery, now: datetime) -> tuple[SignedIn, list[Cookie]]:
        """What the body says of a session, and the cookies that say the rest."""
        if delivery == "bearer":
            return signed_in, []
        lasts = int((signed_in.expires_at - now).total_seconds())
        cookies = [
            self._access(signed_in.access_token or "", lasts),
            self._refresh(signed_in.refresh_token or "", int(IDLE.total_seconds())),
        ]
        return replace(signed_in, access_token=None, refresh_token=None), cookies

    def delivered(self, signed_in: SignedIn, delivery: Delivery, now: datetime, status: int) -> Response[SignedIn]:
        """The tokens in the body, or in cookies and not in the body."""
        body, cookies = self.hidden(signed_in, delivery, now)
        return Response(body, status_code=status, cookies=cookies)

    def cleared(self) -> Response[None]:
        """Both gone."""
        return Response(None, status_code=204, cookies=[self._access("", 0), self._refresh("", 0)])

    def _access(self, value: str, lasts_s: int) -> Cookie:
        name = access_cookie(self.instance, self.secure)
        return Cookie(
            name, value=value, path="/", max_age=lasts_s, httponly=True, samesite="strict", secure=self.secure
        )

    def _refresh(self, value: str, lasts_s: int) -> Cookie:
        return Cookie(
            self.refresh_name,
            value=value,
            path=REFRESH_PATH,
            max_age=lasts_s,
            httponly=True,
            samesite="strict",
            secure=self.secure,
        )
