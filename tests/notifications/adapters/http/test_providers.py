"""How the providers are, for those who answer for the messages."""

from typing import Any
from uuid import uuid4

from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.answers import refused


async def test_the_health_of_providers_is_shown(office: Any) -> None:
    office.post.answers = ["421 closing"]
    person = PersonId(uuid4())
    async with office.sending():
        await office.request(person)
        await office.until(person, "waiting", 1)
        await office.pass_(seconds=3)
        await office.until(person, "sent", 2)
    mail, *_ = (await office.get("/v1/providers", "clinic-admin")).json()
    assert (mail["name"], mail["channel"], mail["state"]) == ("smtp", "email", "working")
    assert (mail["taken"], mail["failures"], mail["last_error"]) == (1, 1, "smtp-421")
    [gauge] = [read for name, read in office.module.gauges.items() if name == "mindlyfe_provider_email_smtp_taken"]
    assert gauge() == 1


async def test_it_is_not_for_everybody_to_see(office: Any) -> None:
    refused(await office.doorway.client.get("/v1/providers"), 401, "unauthenticated")
    for role in ("patient", "therapist", "reception"):
        refused(await office.get("/v1/providers", role), 403, "forbidden")
