"""Hands text messages over to a provider that takes them as Twilio does (its public API of 2010-04-01)."""

from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
import msgspec

from mindlyfe.kernel.config import SmsGateway
from mindlyfe.notifications.application.ports import NotHandedOver, Text

CONNECT_S: Final = 5.0
ANSWER_S: Final = 30.0
KEPT_S: Final = 20.0
LARGEST_ANSWER: Final = 16_384
OF_THE_NUMBER: Final = frozenset({21211, 21212, 21214, 21217, 21610, 21612, 21614, 21617})
"""Invalid, cannot be reached, opted out, not a mobile one; or the text is too long: nobody can send this."""
CALLBACK: Final = "/v1/receipts/sms"
MANY, BAD_GATEWAY_TIME = 429, 504


class _Answer(msgspec.Struct, frozen=True):
    code: int | None = None
    message: str = ""
    sid: str = ""
    status: str | int = ""


class Sms:
    """One provider. `public_url` is where it tells what became of a text."""

    def __init__(self, name: str, gateway: SmsGateway, public_url: str) -> None:
        self.name = name
        self._gateway, self._public_url = gateway, public_url
        self._client: httpx.AsyncClient | None = None

    async def hand_over(self, text: Text) -> str:
        """The provider's answer. Raises NotHandedOver."""
        gateway = self._gateway
        url = f"{gateway.url}/2010-04-01/Accounts/{quote(gateway.account, safe='')}/Messages.json"
        form = {"To": text.to, "From": gateway.sender, "Body": text.body, "StatusCallback": self._callback(text)}
        secret = (gateway.account, gateway.token_file.read_text().strip())
        try:
            async with self._asking().stream("POST", url, data=form, auth=secret) as answer:
                said = await _read(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            raise NotHandedOver("sms-unreachable", ill=True) from failure
        except httpx.HTTPError as failure:
            raise NotHandedOver("sms-no-answer", ill=True, uncertain=True) from failure
        if answer.is_success:
            return f"{said.status} {said.sid}"
        raise _refusal(answer, said)

    def _callback(self, text: Text) -> str:
        told = {"provider": self.name, "delivery": str(text.delivery)}
        return f"{self._public_url}{CALLBACK}?{urlencode(told)}"

    def _asking(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
                limits=httpx.Limits(keepalive_expiry=KEPT_S),
                trust_env=False,
            )
        return self._client

    async def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            await self._client.aclose()


async def _read(answer: httpx.Response) -> _Answer:
    """What it said, as far as it is understood and not too long."""
    content = b""
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > LARGEST_ANSWER:
            return _Answer()
    try:
        return msgspec.json.decode(content, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Answer()


def _refusal(answer: httpx.Response, said: _Answer) -> NotHandedOver:
    """Of the number or the text for good, or of us: then another provider may take it."""
    words = f"{answer.status_code} {said.code or ''} {said.message}"
    code = f"sms-{said.code or answer.status_code}"
    if said.code in OF_THE_NUMBER:
        return NotHandedOver(code, permanent=True, answer=words)
    return NotHandedOver(
        code,
        ill=True,
        uncertain=answer.status_code == BAD_GATEWAY_TIME,
        rests_s=_rest(answer.headers) if answer.status_code == MANY else None,
        answer=words,
    )


def _rest(headers: Any) -> float:
    """How long it wants to be left alone, seconds."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return 1.0
