"""Web push put together: its streams, its channel, its routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final, LiteralString, Self

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.sessions import SessionEndedV1
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.outside import Internet
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.roles import EVERYBODY
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.adapters.carriers import provider
from mindlyfe.notifications.adapters.http.push import routes
from mindlyfe.notifications.adapters.notices import Notices
from mindlyfe.notifications.adapters.subscriptions import Subscriptions
from mindlyfe.notifications.adapters.vapid import Vapid
from mindlyfe.notifications.adapters.web_push import WebPush, check
from mindlyfe.notifications.application.browsers import Browsers
from mindlyfe.notifications.application.carriers import Carrier
from mindlyfe.notifications.application.content import Contents
from mindlyfe.notifications.application.pushing import Push, Pushing
from mindlyfe.notifications.domain.subscription import Subscription, Turn, evolve

DIGEST: Final = "notifications/push-endpoint"
GRANTS: Final[Mapping[str, frozenset[Role]]] = {"push-subscriptions:keep": EVERYBODY}
ERASES: Final[Mapping[str, LiteralString]] = {
    "push_subscription": "delete from push_subscription where person = %(person)s"
}
MOVES: Final[Mapping[str, LiteralString]] = {
    "push_subscription": "select exists (select from push_subscription where person = %(person)s)"
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What the context's wiring takes over."""

    carrier: Carrier[Push]
    module: Module

    @classmethod
    def of(cls, p: Platform, contents: Contents, notices: Notices, internet: Internet) -> Self:
        """Put it together."""

        def digest(endpoint: str) -> bytes:
            return p.keys.digest(DIGEST, endpoint)

        subscriptions = Subscriptions(p.database, digest)
        streams: Streams[Subscription, Turn] = Streams(
            p.database,
            p.keys,
            name="push-subscription",
            events=Turn,
            evolve=evolve,
            subject=lambda subscription: subscription.person,
            inline=(subscriptions,),
        )
        browsers = Browsers(streams=streams, known=subscriptions, digest=digest, check=check, clock=p.clock)
        vapid = Vapid(p.database, p.keys, p.clock, f"mailto:{parseaddr(p.settings.mail.sender)[1]}")
        services = WebPush(vapid, internet)
        pushing = Pushing(streams=streams, browsers=browsers, contents=contents, notices=notices, services=services)
        module = Module(
            name=p.context,
            routes=routes(browsers, subscriptions, vapid),
            grants=GRANTS,
            streams=(streams,),
            hears={MemberMergedV1: browsers.member_merged, SessionEndedV1: browsers.session_ended},
            personal=Personal(tells=subscriptions.tells, erases=ERASES, moves=MOVES),
        )
        return cls(carrier=Carrier(pushing.message, [provider(p, pushing)]), module=module)
