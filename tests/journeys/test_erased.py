"""Erasure, proved: afterwards no table, object, key or cache shows anything of the person; others keep everything.

What is in the broker's streams is looked at in `tests/stack/test_restored_erasure.py`, beside a real broker.
"""

import asyncio
import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from PIL import Image
from psycopg.sql import SQL, Identifier
from valkey import Valkey

from mindlyfe.assembly import Assembly
from mindlyfe.catalogue import CATALOGUE
from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect
from mindlyfe.kernel.codec import Place
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.local_keys import LocalKeys
from mindlyfe.kernel.messages import REGION, PersonId, TenantId
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.rebuild import Difference, rebuilds
from mindlyfe.kernel.secrecy import Unreadable
from mindlyfe.kernel.transport.inprocess import InProcess

HOURS = {"zone": "Europe/London", "weekly": [{"weekday": day, "from": "00:00", "to": "23:00"} for day in range(1, 8)]}
NAME, SPOKEN, PHONE, REASON, WORDS, WITHDRAWN = (
    "Xanthippe Quillfeather",
    "xe/xem-7f31",
    "+442079460123",
    "Zugspitze-reason-7731",
    "Matterhorn-words-9182",
    "Everest-withdrawn-3391",
)
OTHER, OTHERS_REASON = "Wilhelmina Control", "Eiger-reason-5520"


class Scene:
    """Two clinics; in one of them a person with data everywhere, and another who stays."""

    def __init__(self, platform: Any) -> None:
        self.platform, (base, mailbox) = platform, (platform.base, platform.mailbox)
        self.clinic = Clinic.open(base, mailbox, "erased", "Harbour Clinic", platform.setup_link())
        self.meadow = Clinic.open(base, mailbox, "erased", "Meadow Clinic", platform.setup_link())
        self.therapist = self.clinic.invite("Dr Ruiz", "ines", "therapist")
        expect(self.therapist.call("PUT", "/v1/availability", HOURS | {"minutes": 60}), 200)
        self.gone, self.kept = self.clinic.register(NAME, "xanthippe"), self.clinic.register(OTHER, "wilhelmina")
        self.stranger = self.meadow.register("Meadow Person", "stranger")
        self.appointments = {
            person.id: self._cancelled(person, reason, place)
            for place, (person, reason) in enumerate(((self.gone, REASON), (self.kept, OTHERS_REASON)))
        }
        profile = {"name": NAME, "zone": "Europe/London", "locale": "en-GB", "pronouns": SPOKEN, "phone": PHONE}
        expect(self.gone.call("PUT", "/v1/me/profile", profile), 200)
        expect(self.gone.call("POST", "/v1/me/corrections", {"what": "name", "words": WORDS}), 201)
        self._agrees()
        self._shows_a_photo()
        expect(self.gone.call("POST", "/v1/me/exports"), 202)
        platform.settled()
        self.private = [NAME, SPOKEN, PHONE, REASON, WORDS, WITHDRAWN, self.gone.email, "quillfeather", "zugspitze"]

    def _agrees(self) -> None:
        """Somebody agrees, and then no longer."""
        wording = {"purpose": "research", "language": "en", "text": "I agree."}
        text = expect(self.clinic.administrator.call("POST", "/v1/consent-texts", wording), 201).json()["id"]
        expect(self.gone.call("POST", "/v1/me/consents", {"text": text}), 200, 201)
        ending = {"purpose": "research", "reason": WITHDRAWN}
        expect(self.gone.call("POST", "/v1/me/consents/withdrawal", ending), 200, 201)

    def _shows_a_photo(self) -> None:
        out = io.BytesIO()
        Image.new("RGB", (60, 40), "red").save(out, "PNG")
        answer = httpx.put(
            f"{self.platform.base}/v1/me/photo", content=out.getvalue(), headers=self.gone.authorization, timeout=20
        )
        expect(answer, 200)

    def _cancelled(self, person: Person, reason: str, place: int) -> str:
        times = {"from": datetime.now(UTC).isoformat(), "to": (datetime.now(UTC) + timedelta(days=9)).isoformat()}
        path = httpx.URL(f"/v1/therapists/{self.therapist.id}/slots", params=times)
        slot = expect(person.call("GET", str(path)), 200).json()["items"][40 + place]
        appointment = str(uuid4())
        wish = {"therapist": self.therapist.id, "starts_at": slot["starts_at"]}
        expect(person.call("PUT", f"/v1/appointments/{appointment}", wish), 201)
        expect(person.call("POST", f"/v1/appointments/{appointment}/cancellation", {"reason": reason}), 200)
        return appointment

    def database(self, name: str) -> Any:
        """The superuser's connection: past all row-level security."""
        return psycopg.connect(self.platform.administrator, dbname=name)

    def everything(self) -> bytes:
        """Every row of every table of both databases as raw bytes, every object, every cache entry."""
        settings = self.platform.settings
        parts: list[bytes] = []
        for name in (settings.database.name, settings.database.keys_name):
            with self.database(name) as server:
                tables = server.execute(
                    "select schemaname, tablename from pg_tables"
                    " where schemaname not in ('pg_catalog', 'information_schema')"
                ).fetchall()
                for schema, table in tables:
                    copy = SQL("copy {} to stdout (format binary)").format(Identifier(schema, table))
                    with server.cursor().copy(copy) as rows:
                        parts += [bytes(row) for row in rows]
        parts += self.objects().values()
        cache = Valkey.from_url(settings.cache.url, password=settings.cache.password_file.read_text().strip())
        for key in cache.scan_iter("*"):
            parts += [bytes(key), cast("bytes | None", cache.get(key)) or b""]
        return b"\n".join(parts).lower()

    def objects(self) -> dict[str, bytes]:
        """Path → the stored bytes."""
        store = Objects(self.platform.settings.objects).store
        paths = [found["path"] for batch in store.list() for found in batch]
        return {path: bytes(store.get(path).bytes()) for path in paths}

    def erase(self) -> None:
        """The person asks; wait until the keys are destroyed."""
        assert expect(self.gone.call("POST", "/v1/me/erasure-request"), 202).json()["status"] == "granted"
        deadline = time.monotonic() + 60
        with self.database(self.platform.settings.database.name) as server:
            server.autocommit = True
            while not server.execute("select from identity.erasure where keys_destroyed_at is not null").fetchall():
                assert time.monotonic() < deadline, "the erasing does not come to its end"
                time.sleep(0.2)
        self.platform.settled()


@pytest.fixture(scope="module")
def scene(lasting_platform: Any) -> Scene:
    scene = Scene(lasting_platform)
    before = scene.everything()
    # The search finds what is there: names in the clear, ids, objects.
    for clear in (NAME, OTHER):
        assert clear.lower().encode() in before
    for kind in ("/exports/", "/photo/"):
        assert [path for path in scene.objects() if scene.gone.id in path and kind in path], kind
    scene.erase()
    return scene


def test_no_private_value_is_readable_anywhere(scene: Scene) -> None:
    dump = scene.everything()
    for value in scene.private:
        assert value.lower().encode() not in dump, value
    assert OTHER.lower().encode() in dump
    assert not [path for path in scene.objects() if scene.gone.id in path]


def test_what_is_sealed_is_opened_by_no_key_that_is_left(scene: Scene) -> None:
    asyncio.run(_opened_by_nobody(scene))


async def _opened_by_nobody(scene: Scene) -> None:
    settings, person, keys = scene.platform.settings, PersonId(UUID(scene.gone.id)), LocalKeys(scene.platform.settings)
    with scene.database(settings.database.keys_name) as server:
        left = server.execute("select tenant, person from person_key where wrapped is not null").fetchall()
        rows = server.execute("select tenant, wrapped from person_key where person = %s", (person,)).fetchall()
    assert {tenant for tenant, _ in rows} == {UUID(scene.gone.tenant), REGION}
    assert [wrapped for _, wrapped in rows] == [None, None]
    assert person not in {whose for _, whose in left}
    usable = [await keys.of(TenantId(tenant), PersonId(whose)) for tenant, whose in left]
    sealed = 0
    with scene.database(settings.database.name) as server:
        for context in CATALOGUE:
            events = SQL("select tenant, stream, version, type, data from {} where subject = %s")
            found = server.execute(events.format(Identifier(context, "event")), (person,)).fetchall()
            for tenant, stream, version, kind, data in found:
                sealed += 1
                aad = Place(TenantId(tenant), stream, version, kind, person).aad(context)
                with pytest.raises(Erased):
                    await keys.of(TenantId(tenant), person)
                for key in usable:
                    with pytest.raises(Unreadable):
                        key.open(bytes(data), aad)
    assert sealed > 10
    await keys.close()


def test_the_others_keep_everything(scene: Scene) -> None:
    kept = scene.kept
    assert expect(kept.call("GET", "/v1/me"), 200).json()["name"] == OTHER
    appointment = expect(kept.call("GET", f"/v1/appointments/{scene.appointments[kept.id]}"), 200).json()
    assert appointment["reason"] == OTHERS_REASON
    assert expect(scene.stranger.call("GET", "/v1/me"), 200).json()["name"] == "Meadow Person"
    gone = scene.appointments[scene.gone.id]
    assert scene.therapist.call("GET", f"/v1/appointments/{gone}").status_code in {404, 410}


def test_read_models_are_what_the_log_makes_of_them(scene: Scene) -> None:
    assert asyncio.run(_differences(scene)) == []


async def _differences(scene: Scene) -> list[Difference]:
    assembly = Assembly.of(scene.platform.settings, tuple(CATALOGUE), InProcess())
    await assembly.open()
    try:
        logs = assembly.logs()
        return [
            difference
            for name, module in assembly.modules.items()
            for one in rebuilds(logs[name], module.streams, module.projections)
            for difference in await one.compare()
        ]
    finally:
        await assembly.close()


def test_public_events_carry_ids_alone(scene: Scene) -> None:
    """What the broker got about the person: the two events of the erasing name them by id."""
    with scene.database(scene.platform.settings.database.name) as server:
        rows = server.execute(
            "select data from identity.event where type like 'erasure.%%' and subject is null"
        ).fetchall()
    assert rows
    told = b"".join(bytes(cast("bytes", data)) for (data,) in rows)
    assert scene.gone.id.encode() in told
    assert not [value for value in scene.private if value.encode() in told]
