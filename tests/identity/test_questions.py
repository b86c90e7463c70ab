"""What identity answers to other contexts."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract import (
    Contact,
    InvitationIssuedV1,
    Links,
    Organisations,
    People,
    Recipients,
    RegistrationRepeatedV1,
    RegistrationStartedV1,
)
from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, TenantId

NOBODY = PersonId(uuid4())


async def test_a_registrant_is_reached_before_and_after_the_proof(house: Any) -> None:
    clinic = await house.clinic()
    recipients, links = house.module.answers[Recipients], house.module.answers[Links]
    wish = await clinic.wish("pat@mail.example", zone="Asia/Kathmandu", locale="ne")
    await house.visitor().post("/v1/registrations", wish)
    tenant, started = await house.newest(RegistrationStartedV1)
    expected = Contact("Pat", "pat@mail.example", "ne", "Asia/Kathmandu")
    assert await recipients.contact(tenant=tenant, person=started.person) == expected
    asked = {"tenant": tenant, "person": started.person, "flow": started.flow}
    link = await links.verification(**asked)
    assert link == await links.verification(**asked)
    assert link.url.startswith("http://localhost:8080/verify#code=")
    await house.visitor().post("/v1/verifications", {"code": link.url.split("#code=")[1], "password": PASSWORD})
    assert await recipients.contact(tenant=tenant, person=started.person) == expected
    assert await house.module.answers[People].zone(tenant=tenant, person=started.person) == "Asia/Kathmandu"


async def test_the_owner_of_a_repeated_address_is_reached_by_what_their_own_clinic_knows(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    pat = await harbour.patient("pat@mail.example")
    await house.visitor().post("/v1/registrations", await meadow.wish("pat@mail.example", name="Somebody"))
    tenant, repeated = await house.newest(RegistrationRepeatedV1)
    assert (tenant, str(repeated.person)) == (meadow.tenant, pat.id)
    contact = await house.module.answers[Recipients].contact(tenant=tenant, person=repeated.person)
    assert (contact.name, contact.email) == ("Pat", "pat@mail.example")


async def test_an_invited_person_is_reached_in_the_clinics_language(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.staff("therapist", email="ines@mail.example")
    tenant, issued = await house.newest(InvitationIssuedV1)
    asked = {"tenant": tenant, "invitation": issued.invitation}
    contact = await house.module.answers[Recipients].invited(**asked)
    assert contact == Contact("Sam therapist", "ines@mail.example", "en-GB", "Europe/London")
    link = await house.module.answers[Links].invitation(**asked)
    assert link.url.startswith("http://localhost:8080/join#code=")
    view = await house.module.answers[Organisations].organisation(tenant=tenant)
    assert (view.id, view.name) == (clinic.tenant, "Harbour")


async def test_who_is_unknown_or_of_another_clinic_is_not_found(house: Any) -> None:
    clinic = await house.clinic()
    await house.visitor().post("/v1/registrations", await clinic.wish("pat@mail.example"))
    tenant, started = await house.newest(RegistrationStartedV1)
    answers, other = house.module.answers, TenantId(uuid4())
    for question in (
        answers[Recipients].contact(tenant=tenant, person=NOBODY),
        answers[Recipients].contact(tenant=other, person=started.person),
        answers[Recipients].invited(tenant=tenant, invitation=uuid4()),
        answers[Links].verification(tenant=other, person=started.person, flow=started.flow),
        answers[Links].verification(tenant=tenant, person=NOBODY, flow=started.flow),
        answers[Links].invitation(tenant=tenant, invitation=uuid4()),
        answers[Organisations].organisation(tenant=other),
        answers[People].zone(tenant=tenant, person=NOBODY),
    ):
        with pytest.raises(NotFound):
            await question


async def test_who_was_erased_is_not_found_and_cannot_sign_in(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient()
    person, keys = PersonId(UUID(pat.id)), house.platform.keys
    await keys.erase(TenantId(UUID(int=0)), person)
    await keys.erase(clinic.tenant, person)
    answers = house.module.answers
    for question in (
        answers[Recipients].contact(tenant=clinic.tenant, person=person),
        answers[People].zone(tenant=clinic.tenant, person=person),
    ):
        with pytest.raises(NotFound):
            await question
    assert (await pat.renew()).status_code == 401
    assert (await pat.sign_in()).status_code == 401
    assert (await pat.get("/v1/me")).status_code == 410


async def test_who_belongs_to_a_clinic_is_told_of_now(house: Any) -> None:
    """The suspended do, those who left do not, wherever else they belong."""
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    therapist, patient = await harbour.staff("therapist"), await harbour.patient()
    people = house.module.answers[People]

    async def belongs(person: Any, clinic: Any = harbour) -> bool:
        told: bool = await people.belongs(tenant=clinic.tenant, person=PersonId(UUID(person.id)))
        return told

    assert [await belongs(one) for one in (therapist, patient, meadow.admin)] == [True, True, False]
    assert not await belongs(therapist, meadow)
    why = {"reason": "Her laptop is gone."}
    suspended = await (await harbour.admin.strengthen()).put(f"/v1/members/{therapist.id}/suspension", why)
    assert suspended.status_code == 200
    assert (await patient.delete("/v1/me/membership")).status_code == 204
    assert [await belongs(one) for one in (therapist, patient)] == [True, False]
