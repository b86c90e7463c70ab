"""What became of messages, as providers tell it: signed, whoever sends it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar import Request, Router

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.config import Settings, SmsGateway
from mindlyfe.kernel.errors import Malformed, TooLarge
from mindlyfe.kernel.http import PUBLIC, post
from mindlyfe.kernel.messages import Instant
from mindlyfe.kernel.requests import whole_body
from mindlyfe.notifications.application.receipts import Receipts
from mindlyfe.notifications.contract import Arrived, DeliveryId
from mindlyfe.notifications.domain.receipts import BadSignature, Report, of_text
from mindlyfe.notifications.domain.signing import mail_signature, same, sms_signature, timely

LARGEST: Final = 16_384
RATE: Final = 500
MOST_FIELDS: Final = 100
Provider = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,30}$", description="The provider's name here.")]
type Code = Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z.-]{0,20}$")]


class MailReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a mail."""

    message_id: Annotated[str, msgspec.Meta(max_length=200)]
    event: Arrived
    at: Instant
    code: Code = ""
    hard: bool = False


def routes(receipts: Receipts, settings: Settings, clock: Clock) -> Router:
    """`/v1/receipts`."""

    @post("/sms", needs=PUBLIC, rate_per_s=RATE, max_body_bytes=LARGEST, refuses=(BadSignature, Malformed, TooLarge))
    async def take_text_receipt(provider: Provider, delivery: UUID, request: Request[Any, Any, Any]) -> None:
        """What became of a text message: the form and the signature (X-Twilio-Signature) of Twilio's status callbacks.

        `provider` and `delivery` are what the callback's address was given when the text was handed over.
        """
        form = _fields(await _body(request))
        gateway = settings.sms.gateways.get(provider)
        _check_text(gateway, settings.public_url, request, form)
        told = dict(form)
        if report := of_text(told.get("MessageStatus", ""), told.get("ErrorCode", ""), provider, clock()):
            await receipts.take(DeliveryId(delivery), report)

    @post("/email", needs=PUBLIC, rate_per_s=RATE, max_body_bytes=LARGEST, refuses=(BadSignature, Malformed, TooLarge))
    async def take_mail_receipt(request: Request[Any, Any, Any]) -> None:
        """What became of a mail: JSON with `message_id`, `event` (`delivered` or `bounced`), `at`; for a bounce `code`
        and `hard`, that nothing will ever arrive there.

        Headers: `X-Receipt-Timestamp`, seconds since 1970, at most five minutes away; `X-Receipt-Signature`, `v1=` and
        the HMAC-SHA256 of timestamp, full stop and body. A receipt for an unknown message is taken and left alone.
        """
        body = await _body(request)
        _check_mail(settings.mail.receipts_secret_file, request, body, clock)
        try:
            told = msgspec.json.decode(body, type=MailReceipt)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Malformed from None
        report = Report(what=told.event, provider="email", at=min(told.at, clock()), code=told.code, hard=told.hard)
        if delivery := _named(told.message_id):
            await receipts.take(delivery, report)

    return Router("/v1/receipts", route_handlers=[take_text_receipt, take_mail_receipt], tags=["Deliveries"])


async def _body(request: Request[Any, Any, Any]) -> bytes:
    return await whole_body(request.receive, dict(request.scope["headers"]), LARGEST)


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Malformed from None


def _check_text(
    gateway: SmsGateway | None, public_url: str, request: Request[Any, Any, Any], form: list[tuple[str, str]]
) -> None:
    given = request.headers.get("x-twilio-signature", "")
    scope: Mapping[str, Any] = request.scope
    url = f"{public_url}{scope['path']}?{scope['query_string'].decode('ascii', 'replace')}"
    if gateway is None or not same(given, sms_signature(_secret(gateway.token_file), url, form)):
        raise BadSignature


def _check_mail(secret_file: Path | None, request: Request[Any, Any, Any], body: bytes, clock: Clock) -> None:
    timestamp, given = (request.headers.get(f"x-receipt-{name}", "") for name in ("timestamp", "signature"))
    if secret_file is None or not timely(timestamp, clock()):
        raise BadSignature
    if not same(given, mail_signature(_secret(secret_file), timestamp, body)):
        raise BadSignature


def _secret(file: Path) -> str:
    return file.read_text().strip()


def _named(message_id: str) -> DeliveryId | None:
    """The delivery a Message-ID of ours names."""
    try:
        return DeliveryId(UUID(message_id.strip().removeprefix("<").partition("@")[0]))
    except ValueError:
        return None
