"""An end to courtesies by mail, with one click and without signing in."""

from typing import Any
from uuid import uuid4

from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.answers import refused


async def mailed(office: Any, person: PersonId, kind: str = "export-ready") -> Any:
    """The mail of this kind."""
    before = len(office.post.mails)
    await office.request(person, kind=kind)
    async with office.sending():
        await office.settled()
    [mail] = office.post.mails[before:]
    return mail


def path_of(office: Any, mail: Any) -> str:
    """Where its header leads."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(mail["List-Unsubscribe"]).strip("<>").removeprefix(office.settings.public_url)


async def test_one_click_ends_courtesies_by_mail_and_nothing_else(office: Any) -> None:
    person = PersonId(uuid4())
    path = path_of(office, await mailed(office, person))
    body = {"content": b"List-Unsubscribe=One-Click", "headers": {"content-type": "application/x-www-form-urlencoded"}}
    for _ in range(2):
        assert (await office.doorway.client.post(path, **body)).status_code == 200
    said = (await office.get("/v1/preferences", "patient", person=person)).json()
    assert (said["channels"]["email"], said["version"]) == (False, 1)

    courtesy = await office.request(person, kind="export-ready")
    guard = await office.request(person, kind="password-changed")
    async with office.sending():
        await office.settled()
    shown = {one["id"]: (one["status"], one["last_error"]) for one in await office.deliveries()}
    assert shown[str(courtesy)] == ("dead", "channel-avoided")
    assert shown[str(guard)] == ("sent", "")


async def test_looking_at_the_link_changes_nothing(office: Any) -> None:
    person = PersonId(uuid4())
    page = await office.doorway.client.get(path_of(office, await mailed(office, person)))
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<form method="post">' in page.text
    await mailed(office, person)


async def test_what_guards_an_account_has_no_such_link(office: Any) -> None:
    mail = await mailed(office, PersonId(uuid4()), "password-changed")
    assert mail["List-Unsubscribe"] is None


async def test_a_word_that_we_did_not_make_does_nothing(office: Any) -> None:
    person = PersonId(uuid4())
    path = path_of(office, await mailed(office, person))
    forged = path[:-1] + ("A" if path[-1] != "A" else "E")
    gone = PersonId(uuid4())
    erased = path_of(office, await mailed(office, gone))
    await office.keys.erase(office.tenant, gone)
    for wrong in (forged, path[:-1], "/v1/unsubscriptions/x", "/v1/unsubscriptions/%00", erased):
        refused(await office.doorway.client.get(wrong), 404, "not-found")
        refused(await office.doorway.client.post(wrong), 404, "not-found")
    assert (await office.get("/v1/preferences", "patient", person=person)).json()["version"] == 0
