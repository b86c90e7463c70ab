"""What is told of accounts: by the region, to the right address of two, with the name of the owner's first clinic."""

from typing import Any
from uuid import UUID

import pytest

from mindlyfe.identity.contract.factors import FactorsChangedV1
from mindlyfe.identity.contract.flows import (
    AddressChangeAskedV1,
    AddressChangedV1,
    PasswordChangedV1,
    RecoveryAskedV1,
)
from mindlyfe.kernel.messages import REGION, Event, PersonId
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.notifications.contract import DeliveryView
from mindlyfe.notifications.domain.delivery import Requested

PAT, TIM, ASK = PersonId(UUID(int=2)), PersonId(UUID(int=3)), UUID(int=9)
HOME = "Home Clinic"


@pytest.mark.parametrize(
    ("event", "sent"),
    [
        (RecoveryAskedV1(person=PAT), {f"{PAT}@": f"http://localhost/recover#code={PAT}"}),
        (FactorsChangedV1(person=PAT), {f"{PAT}@": "If it was not you, choose a new password"}),
        (PasswordChangedV1(person=PAT), {f"{PAT}@": "If it was not you"}),
        (
            AddressChangeAskedV1(person=PAT, ask=ASK),
            {
                f"old-{ASK}@": f"http://localhost/address-change/cancel#code={ASK}",
                f"new-{ASK}@": f"http://localhost/address-change#code={ASK}",
            },
        ),
        (
            AddressChangeAskedV1(person=PAT, ask=ASK, owner=TIM),
            {f"old-{ASK}@": "address-change/cancel#code=", f"{TIM}@": "nothing was changed"},
        ),
        (AddressChangedV1(person=PAT, ask=ASK), {f"old-{ASK}@": "moved to another address"}),
    ],
)
async def test_each_address_gets_its_own_message_once(office: Any, event: Event, sent: dict[str, str]) -> None:
    await office.tell(event, tenant=REGION)
    async with office.sending():
        await office.settled()
    mails = {str(mail["To"]).replace("example.org", ""): mail for mail in office.post.mails}
    assert mails.keys() == sent.keys()
    assert len(office.post.mails) == len(sent)
    for address, words in sent.items():
        text = mails[address].get_body(("plain",)).get_content()
        assert words in text
        assert HOME not in text + mails[address]["Subject"] + mails[address]["From"], (
            "it is discreet unless asked otherwise"
        )


async def test_nothing_of_it_shows_in_a_clinics_list_nor_an_address_in_the_record(office: Any) -> None:
    await office.tell(AddressChangeAskedV1(person=PAT, ask=ASK), tenant=REGION)
    assert await office.deliveries() == []
    requested = [r.event for r in await office.recorded() if isinstance(r.event, Requested)]
    assert {(one.kind, one.recipient, one.flow) for one in requested} == {
        ("address-change-notice", PAT, ASK),
        ("address-change", PAT, ASK),
    }


async def test_operators_see_what_the_region_sends_and_nobody_else_does(office: Any) -> None:
    await office.tell(PasswordChangedV1(person=PAT), tenant=REGION)
    found = (await office.get("/v1/deliveries?region=true", "operator")).json()["items"]
    assert [(one["recipient"], one["kind"]) for one in found] == [(str(PAT), "password-changed")]
    assert found[0].keys() == set(DeliveryView.__struct_fields__)
    one = f"/v1/deliveries/{found[0]['id']}"
    assert (await office.get(f"{one}?region=true", "operator")).json()["id"] == found[0]["id"]
    redrive = await office.ask(f"{one}/redrive?region=true", "operator")
    refused(redrive, 409, "not-a-dead-letter")
    refused(await office.ask(f"{one}/redrive", "operator"), 404, "not-found")
    refused(await office.ask(f"{one}/redrive?region=true", "clinic-admin"), 403, "forbidden")
    for path in (one, "/v1/deliveries"):
        refused(await office.get(f"{path}?region=true", "clinic-admin"), 403, "forbidden")
    refused(await office.get(one, "operator"), 404, "not-found")
    refused(await office.get("/v1/deliveries?region=true", "operator", aal=1), 403, "assurance-too-low")
