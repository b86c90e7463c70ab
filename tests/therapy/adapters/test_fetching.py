"""Fetching from addresses that people give us: nothing but public servers is ever asked."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mindlyfe.kernel.testing.internet import PUBLIC, Dial, certified, serving, trusting
from mindlyfe.therapy.adapters.fetching import MOST_BYTES, Fetcher
from mindlyfe.therapy.application.ports import FeedFailed, Fetched

URL = "https://calendar.example/a.ics"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of calendar.example, by itself."""
    return certified("calendar.example", tmp_path_factory.mktemp("tls"))


class Served:
    """A server of one answer after another, and what was asked."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.requests = list(answers), list[bytes]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while self.answers:
            try:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            except asyncio.IncompleteReadError:
                break
            answer = self.answers.pop(0)
            if answer == b"silence":
                await asyncio.sleep(5)
            writer.write(answer)
        writer.close()


def answered(status: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def internet(
    certificate: Path, served: Served, names: dict[str, Sequence[str]] | None = None
) -> AsyncGenerator[tuple[Fetcher, Dial]]:
    """A fetcher whose internet is one server."""
    known = names or {"calendar.example": [PUBLIC]}

    async def resolve(host: str) -> Sequence[str]:
        if host not in known:
            raise OSError("no such name")
        return known[host]

    context = serving(certificate)
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=context)
    dial = Dial(server.sockets[0].getsockname()[1])
    yield Fetcher(resolve=resolve, inner=dial, trust=trusting(certificate), longest_s=2.0), dial
    server.close()


async def failed(certificate: Path, served: Served, names: dict[str, Sequence[str]] | None = None) -> tuple[str, Dial]:
    async with internet(certificate, served, names) as (fetcher, dial):
        with pytest.raises(FeedFailed) as failure:
            await fetcher.fetch(URL, "")
    return failure.value.trouble, dial


async def test_a_calendar_is_fetched_from_the_address_that_was_looked_at(certificate: Path) -> None:
    served = Served(answered("200 OK", b"BEGIN:VCALENDAR", etag='"7"'), answered("304 Not Modified"))
    async with internet(certificate, served) as (fetcher, dial):
        assert await fetcher.fetch(URL, "") == Fetched(b"BEGIN:VCALENDAR", '"7"')
        assert await fetcher.fetch(URL, '"7"') == Fetched(None, '"7"')
    assert dial.asked == [PUBLIC, PUBLIC]
    assert b"if-none-match" not in served.requests[0].lower()
    assert b'if-none-match: "7"' in served.requests[1].lower()


@pytest.mark.parametrize("addresses", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1"], ["169.254.169.254"]])
async def test_asvs_1_3_6_a_name_of_ones_own_network_is_never_connected_to(
    certificate: Path, addresses: list[str]
) -> None:
    trouble, dial = await failed(certificate, Served(), {"calendar.example": addresses})
    assert (trouble, dial.asked) == ("not-public", [])


@pytest.mark.parametrize(
    ("location", "trouble"),
    [
        ("https://inside.example/", "not-public"),
        ("http://calendar.example/", "not-public"),
        ("https://127.0.0.1/", "not-public"),
        ("https://calendar.example:22/", "not-public"),
        ("file:///etc/passwd", "not-public"),
        ("https://nowhere.example/", "unreachable"),
        ("", "refused"),
    ],
)
async def test_asvs_1_3_6_a_redirect_is_looked_at_as_the_address_was(
    certificate: Path, location: str, trouble: str
) -> None:
    served = Served(answered("302 Found", location=location), answered("500 No"))
    found, dial = await failed(certificate, served, {"calendar.example": [PUBLIC], "inside.example": ["10.0.0.1"]})
    assert found == trouble
    assert set(dial.asked) == {PUBLIC}


async def test_redirects_are_followed_and_counted(certificate: Path) -> None:
    there = answered("301 Moved", location="/b.ics")
    async with internet(certificate, Served(there, there, there, answered("200 OK", b"x"))) as (fetcher, _):
        assert (await fetcher.fetch(URL, "")).body == b"x"
    assert (await failed(certificate, Served(there, there, there, there)))[0] == "redirected"


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (answered("404 Not Found"), "refused"),
        (answered("304 Not Modified"), "refused"),
        (answered("200 OK", b"x" * (MOST_BYTES + 1)), "too-large"),
        (answered("200 OK", b"x", content_encoding="gzip"), "not-a-calendar"),
        (b"SSH-2.0-nonsense\r\n\r\n", "unreachable"),
        (b"silence", "too-slow"),
    ],
)
async def test_what_is_wrong_is_told(certificate: Path, answer: bytes, trouble: str) -> None:
    assert (await failed(certificate, Served(answer)))[0] == trouble


async def test_a_server_must_prove_its_name(certificate: Path) -> None:
    async with internet(certificate, Served(answered("200 OK")), {"other.example": [PUBLIC]}) as (fetcher, _):
        with pytest.raises(FeedFailed, match="unreachable"):
            await fetcher.fetch("https://other.example/", "")
