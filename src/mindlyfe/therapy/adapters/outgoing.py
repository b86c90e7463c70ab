"""Puts together what gives appointments to calendars elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from litestar import Router

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Platform
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters import writing
from mindlyfe.therapy.adapters.http.calendars import routes
from mindlyfe.therapy.adapters.subscriptions import SubscriptionList
from mindlyfe.therapy.application.invitations import MailedInvitations
from mindlyfe.therapy.application.ports import PublishedHours
from mindlyfe.therapy.application.subscriptions import Subscriptions
from mindlyfe.therapy.domain.access import PARTIES
from mindlyfe.therapy.domain.appointment import Appointment
from mindlyfe.therapy.domain.appointment import Change as AppointmentChange
from mindlyfe.therapy.domain.subscription import Change, Subscription, evolve

GRANTS: Final[Mapping[str, frozenset[Role]]] = {"calendar-subscription:own": PARTIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What the context's wiring takes over."""

    streams: Streams[Subscription, Change]
    subscriptions: Subscriptions
    routes: Sequence[Router]
    invitations: MailedInvitations

    @classmethod
    def of(cls, p: Platform, appointments: Streams[Appointment, AppointmentChange], hours: PublishedHours) -> Self:
        """Put it together."""
        listed = SubscriptionList(p.database)
        streams: Streams[Subscription, Change] = Streams(
            p.database,
            p.keys,
            name="subscription",
            events=Change,
            evolve=evolve,
            subject=lambda state: state.person,
            inline=(listed,),
        )
        subscriptions = Subscriptions(
            streams=streams,
            subscribers=listed,
            patients=p.asks.of(Patients),
            writes=writing.feed,
            keys=p.keys,
            public_url=p.settings.public_url,
            clock=p.clock,
            ids=p.ids,
        )
        invitations = MailedInvitations(streams=appointments, hours=hours, writes=writing.invitation, clock=p.clock)
        return cls(
            streams=streams,
            subscriptions=subscriptions,
            routes=routes(subscriptions),
            invitations=invitations,
        )
