"""The channels of this installation, put together from its settings: to each its providers, in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from mindlyfe.kernel.config import MailSettings
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.module import Platform
from mindlyfe.notifications.adapters.bounces import Bounces
from mindlyfe.notifications.adapters.sms import Sms
from mindlyfe.notifications.adapters.smtp import Smtp
from mindlyfe.notifications.adapters.text_words import TextWords
from mindlyfe.notifications.application.carriers import Carrier
from mindlyfe.notifications.application.content import Contents
from mindlyfe.notifications.application.pace import Pace
from mindlyfe.notifications.application.ports import Courier, Mail, Text
from mindlyfe.notifications.application.providers import Provider
from mindlyfe.notifications.application.texts import Texts
from mindlyfe.notifications.contract import Channel

FIRST: Final = "smtp"
"""Name of the mail server that has none."""


type Channels = Mapping[Channel, Carrier[Any]]


def carriers(p: Platform, contents: Contents, bounces: Bounces, inside: Channels) -> Channels:
    """Channel → what carries it; `inside` are those of the app itself.

    Where nobody takes text messages, there is no such channel.
    """
    found: dict[Channel, Carrier[Any]] = {
        "email": Carrier(contents.mail, _mail_servers(p, p.settings.mail), Addressed(bounces))
    }
    if gateways := _text_gateways(p):
        texts = Texts(contents, TextWords(), p.settings.sms.segments)
        found["sms"] = Carrier(texts.text, gateways, Addressed(bounces))
    return {**found, **inside}


@dataclass(frozen=True, slots=True)
class Addressed:
    """Where mails and texts go."""

    bounces: Bounces

    def of(self, message: Mail | Text) -> str:
        """The digest of its address."""
        return self.bounces.digest(message.to)

    async def bounced(self, tenant: TenantId, digest: str) -> bool:
        """Whether nothing arrives there."""
        return await self.bounces.bounced(tenant, digest)


def _mail_servers(p: Platform, mail: MailSettings) -> list[Provider[Mail]]:
    servers = [(FIRST, mail), *sorted(mail.standby.items())]
    return [provider(p, Smtp(name, s, mail.sender, p.clock), s.per_second) for name, s in servers]


def _text_gateways(p: Platform) -> list[Provider[Text]]:
    gateways = sorted(p.settings.sms.gateways.items())
    return [provider(p, Sms(name, g, p.settings.public_url), g.per_second) for name, g in gateways]


def provider[M](p: Platform, courier: Courier[M], per_second: int = 0) -> Provider[M]:
    """A courier with its pace and its health."""
    return Provider(courier, Pace(p.cache, courier.name, per_second), p.clock)


def gauges(channels: Channels) -> dict[str, Callable[[], float]]:
    """Of each provider whether it is left alone, how many messages it took, and how often it failed itself."""
    found: dict[str, Callable[[], float]] = {}
    for channel, carrier in channels.items():
        for one in carrier.providers:
            name = f"mindlyfe_provider_{channel}_{one.name}".replace("-", "_")
            found[f"{name}_resting"] = partial(_number, one, "resting")
            found[f"{name}_taken"] = partial(_number, one, "taken")
            found[f"{name}_failures"] = partial(_number, one, "failures")
    return found


def _number(one: Provider[Any], what: str) -> float:
    return float(getattr(one, what))
