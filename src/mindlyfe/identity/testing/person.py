"""Somebody at the door of identity, with the tokens they got and the devices they have."""

import base64
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from mindlyfe.kernel.access import Claims
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.testing.authenticators import CodeApp
from mindlyfe.kernel.testing.visitor import Visitor

PASSWORD = "umbrella-tortoise-lagoon"  # noqa: S105 - of people who do not exist


@dataclass
class Person(Visitor):
    """Somebody at the door, with the tokens they got."""

    clock: Clock
    email: str = ""
    id: str = ""
    organisation: str = ""
    refresh_token: str = ""
    app: CodeApp | None = None
    """The authenticator app, once there is one."""

    def code(self) -> str:
        """A code of the app that was not given yet."""
        assert self.app is not None
        return self.app.code(self.clock())

    def claims(self) -> Claims:
        """What the access token says."""
        said = self.headers["authorization"].split(".")[1]
        return msgspec.json.decode(base64.urlsafe_b64decode(said + "=="), type=Claims)

    async def enrol(self) -> list[str]:
        """Get an authenticator app, which makes this session strong. The backup codes, if it is the first factor."""
        self.app = CodeApp((await self.post("/v1/me/factors/totp")).json()["secret"])
        answer = await self.post("/v1/me/factors/totp/confirmation", {"code": self.code()})
        assert answer.status_code == 200, answer.text
        self.keep(answer.json()["session"])
        return list(answer.json()["backup_codes"])

    async def strengthen(self) -> "Person":
        """The same person in a session of assurance 2."""
        if self.app is None:
            await self.enrol()
        return self

    async def second_step(self, challenge: str, code: str = "", method: str = "totp") -> httpx.Response:
        """Answer a challenge by a code, the app's unless it is given."""
        wish = {"challenge": challenge, "delivery": "bearer", "proof": {"method": method, "code": code or self.code()}}
        answer = await self.http.post("/v1/sessions/second-factor", json=wish)
        if answer.status_code == 201:
            self.take(answer)
        return answer

    async def prove(self, method: str, **proof: Any) -> httpx.Response:
        """Prove once more who one is."""
        answer = await self.post("/v1/sessions/current/proof", {"proof": {"method": method} | proof})
        if answer.status_code == 200:
            self.take(answer)
        return answer

    async def sign_in(self, password: str = PASSWORD, **more: Any) -> httpx.Response:
        """Get tokens, as an app does: by the second step, too, for who has an authenticator app."""
        answer = await self.first_step(password, **more)
        if answer.status_code == 202 and self.app:
            return await self.second_step(answer.json()["challenge"])
        if answer.status_code == 201:
            self.take(answer)
        return answer

    async def first_step(self, password: str = PASSWORD, **more: Any) -> httpx.Response:
        """Show address and password."""
        wish = {"email": self.email, "password": password, "delivery": "bearer"} | more
        return await self.http.post("/v1/sessions", json=wish)

    async def renew(self, token: str | None = None) -> httpx.Response:
        """Exchange the refresh token."""
        answer = await self.http.post("/v1/sessions/refresh", json={"refresh_token": token or self.refresh_token})
        if answer.status_code == 200:
            self.take(answer)
        return answer

    def take(self, answer: httpx.Response) -> None:
        """Keep the tokens of an answer."""
        self.keep(answer.json())

    def keep(self, tokens: dict[str, Any]) -> None:
        """Keep these tokens."""
        self.id, self.organisation = tokens["person"], tokens["organisation"]
        self.refresh_token = tokens["refresh_token"]
        self.headers = {"authorization": f"Bearer {tokens['access_token']}"}
