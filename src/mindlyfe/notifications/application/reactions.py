"""What others' events make us tell people: one delivery per recipient and channel, asked for once per message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from mindlyfe.identity.contract import InvitationIssuedV1, RegistrationRepeatedV1, RegistrationStartedV1
from mindlyfe.identity.contract.break_glass import BreakGlassOpenedV1, BreakGlassReviewedV1, Officers
from mindlyfe.identity.contract.corrections import CorrectionDecidedV1
from mindlyfe.identity.contract.erasures import ErasureRefusedV1
from mindlyfe.identity.contract.exports import ExportReadyV1
from mindlyfe.identity.contract.factors import FactorsChangedV1
from mindlyfe.identity.contract.flows import (
    AddressChangeAskedV1,
    AddressChangedV1,
    PasswordChangedV1,
    RecoveryAskedV1,
)
from mindlyfe.identity.contract.handovers import CaseloadHandedOverV1
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Heard, PersonId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.contract import Kind
from mindlyfe.notifications.domain.delivery import Change, Delivery, Requested, request
from mindlyfe.notifications.domain.reaching import IN_APP
from mindlyfe.therapy.contract.waiting import WaitingOfferMadeV1


@dataclass(frozen=True, slots=True)
class Reactions:
    """One method per event heard. The delivery's id is derived from message and recipient: never two for one.

    `asked` is called when something is to be sent.
    """

    streams: Streams[Delivery, Change]
    clock: Clock
    officers: Officers
    asked: Callable[[], None]

    async def registration_started(self, heard: Heard[RegistrationStartedV1]) -> None:
        """Ask the person to confirm their address."""
        person = heard.event.person
        await self._request(heard, "address-verification", person, about=person, flow=heard.event.flow)

    async def registration_repeated(self, heard: Heard[RegistrationRepeatedV1]) -> None:
        """Tell the owner of an account that somebody registered with their address."""
        await self._request(heard, "registration-repeated", heard.event.person, about=heard.event.person)

    async def invitation_issued(self, heard: Heard[InvitationIssuedV1]) -> None:
        """Send the invitation; its address is known by the invitation alone."""
        kind: Kind = "patient-invitation" if heard.event.patient else "staff-invitation"
        await self._request(heard, kind, None, about=heard.event.invitation)

    async def recovery_asked(self, heard: Heard[RecoveryAskedV1]) -> None:
        """Send the link for a new password."""
        await self._request(heard, "recovery", heard.event.person, about=heard.event.person)

    async def password_changed(self, heard: Heard[PasswordChangedV1]) -> None:
        """Tell the owner, in case it was not them."""
        await self._request(heard, "password-changed", heard.event.person, about=heard.event.person)

    async def factors_changed(self, heard: Heard[FactorsChangedV1]) -> None:
        """Tell the owner when it was, in case it was not them."""
        person = heard.event.person
        await self._request(heard, "factors-changed", person, about=person, happened_at=heard.at)

    async def address_change_asked(self, heard: Heard[AddressChangeAskedV1]) -> None:
        """Tell the old address, and send the link to the new one; to whom that belongs already, only a notice."""
        asked = heard.event
        await self._request(heard, "address-change-notice", asked.person, about=asked.person, flow=asked.ask)
        if asked.owner:
            await self._request(heard, "address-in-use", asked.owner, about=asked.owner)
        else:
            await self._request(heard, "address-change", asked.person, about=asked.person, flow=asked.ask, part="new")

    async def address_changed(self, heard: Heard[AddressChangedV1]) -> None:
        """Tell the address that was left."""
        await self._request(
            heard, "address-changed", heard.event.person, about=heard.event.person, flow=heard.event.ask
        )

    async def offer_made(self, heard: Heard[WaitingOfferMadeV1]) -> None:
        """Tell the patient that a slot is kept for them, and until when."""
        await self._request(heard, "waiting-offer", heard.event.patient, about=heard.event.offer)

    async def glass_broken(self, heard: Heard[BreakGlassOpenedV1]) -> None:
        """Tell who looks after privacy, at once. Raises Unavailable: then it is tried again."""
        for officer in await self.officers.officers(tenant=heard.act.tenant):
            await self._request(heard, "break-glass-used", officer, about=heard.event.glass)

    async def glass_reviewed(self, heard: Heard[BreakGlassReviewedV1]) -> None:
        """Tell the patient, unless that is withheld."""
        if heard.event.notice:
            await self._request(heard, "record-opened", heard.event.patient, about=heard.event.glass)

    async def caseload_handed_over(self, heard: Heard[CaseloadHandedOverV1]) -> None:
        """Tell both clinicians."""
        event = heard.event
        await self._request(heard, "caseload-handed-over", event.giver, about=event.handover)
        await self._request(heard, "caseload-received", event.receiver, about=event.handover)

    async def export_ready(self, heard: Heard[ExportReadyV1]) -> None:
        """Tell the person that their copy can be fetched."""
        await self._request(heard, "export-ready", heard.event.person, about=heard.event.export)

    async def correction_decided(self, heard: Heard[CorrectionDecidedV1]) -> None:
        """Tell the person that there is an answer; what it is stands behind their sign-in."""
        await self._request(heard, "correction-decided", heard.event.person, about=heard.event.correction)

    async def erasure_refused(self, heard: Heard[ErasureRefusedV1]) -> None:
        """Tell the person whether the law puts it off, or the clinic said no; its words stand behind their sign-in."""
        kind: Kind = "erasure-put-off" if heard.event.by_law else "erasure-refused"
        await self._request(heard, kind, heard.event.person, about=heard.event.person)

    async def tell_merged(self, heard: Heard[MemberMergedV1]) -> None:
        """Tell both addresses, once for a merge however often it is told of."""
        event = heard.event
        await self._request(heard, "accounts-merged", event.survivor, about=event.merge, once=event.merge)
        await self._request(heard, "account-merged-away", event.duplicate, about=event.merge, once=event.merge)

    async def _request(
        self,
        heard: Heard[Any],
        kind: Kind,
        recipient: PersonId | None,
        *,
        about: UUID,
        flow: UUID | None = None,
        part: str = "",
        happened_at: datetime | None = None,
        once: UUID | None = None,
    ) -> None:
        """By mail, and into the inbox what belongs there.

        `part` tells two mails for one message to one person apart; `once` makes one of several messages'.
        """
        wish = Requested(
            kind=kind, recipient=recipient, about=about, flow=flow, at=self.clock(), happened_at=happened_at
        )
        await self._ask(heard, wish, (recipient, part) if part else (recipient,), once)
        if kind in IN_APP:
            in_app = msgspec.structs.replace(wish, channel="in-app")
            await self._ask(heard, in_app, (recipient, "in-app"), once)

    async def _ask(self, heard: Heard[Any], wish: Requested, parts: Sequence[object], once: UUID | None) -> None:
        delivery = derived("delivery", heard.act.tenant, once or heard.message, *parts)
        act = heard.act.step("/".join(str(one) for one in parts))
        try:
            await self.streams.decide(act, delivery, lambda state: request(state, wish))
        except Erased:
            return  # nobody is there to be told; the other one is
        self.asked()
