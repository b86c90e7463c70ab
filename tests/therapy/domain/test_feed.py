"""Feeds: which addresses may be asked at all."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.web_address import host_of
from mindlyfe.therapy.contract import UnknownZone
from mindlyfe.therapy.contract.feeds import FeedAddressRefused, TooManyFeeds
from mindlyfe.therapy.domain.feed import FeedAdded, FeedRemoved, add, address, evolve, remove

WISH = FeedAdded(
    therapist=PersonId(UUID(int=7)),
    url="webcal://Calendar.example/private-3f9c/basic.ics#x",
    zone="Europe/London",
    name="Private",
    all_day_busy=True,
)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://calendar.example/a.ics?key=1", "https://calendar.example/a.ics?key=1"),
        ("webcal://calendar.example/a.ics", "https://calendar.example/a.ics"),
        ("https://calendar.example:443", "https://calendar.example:443"),
        ("https://a.b-c.example/#part", "https://a.b-c.example/"),
    ],
)
def test_an_address_of_a_calendar(given: str, meant: str) -> None:
    assert address(given) == meant


@pytest.mark.parametrize(
    "given",
    [
        "http://calendar.example/a.ics",
        "ftp://calendar.example/a.ics",
        "file:///etc/passwd",
        "https:///a.ics",
        "https://localhost/a.ics",
        "https://metadata/a.ics",
        "https://127.0.0.1/a.ics",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/a.ics",
        "https://[::ffff:10.0.0.1]/",
        "https://me@calendar.example/",
        "https://calendar.example@10.0.0.1/",
        "https://calendar.example\\@10.0.0.1/",
        "https://calendar.example:8443/",
        "https://calendar.example:x/",
        "https://calendar.example./",
        "https://calendar..example/",
        "https://kalender.münchen.example/",
        "https://calendar.example/a b",
        "https://calendar.example/\r\nHost: x",
        "https://-a.example/",
        "",
    ],
)
def test_an_address_that_is_never_asked(given: str) -> None:
    with pytest.raises(FeedAddressRefused):
        address(given)


def test_a_feed_is_added_and_removed_by_its_therapist() -> None:
    (added,) = add(None, WISH, others=9)
    assert isinstance(added, FeedAdded)
    assert added.url == "https://Calendar.example/private-3f9c/basic.ics"
    assert host_of(added.url) == "calendar.example"
    state = evolve(None, added)
    assert add(state, WISH, others=0) == []
    with pytest.raises(NotFound):
        remove(state, PersonId(UUID(int=8)))
    assert remove(state, WISH.therapist) == [FeedRemoved(therapist=WISH.therapist)]
    for gone in (None, evolve(state, FeedRemoved(therapist=WISH.therapist))):
        with pytest.raises(NotFound):
            remove(gone, WISH.therapist)


def test_feeds_are_refused_for_a_reason() -> None:
    with pytest.raises(TooManyFeeds):
        add(None, WISH, others=10)
    with pytest.raises(UnknownZone):
        add(None, replace(WISH, zone="Europe/Atlantis"), others=0)
