"""Every kind of message has its words, in the recipient's zone, without anything a stranger should not read."""

from datetime import UTC, datetime
from typing import Final, get_args

import pytest

from mindlyfe.notifications.adapters.words import Words
from mindlyfe.notifications.application.content import local
from mindlyfe.notifications.contract import Kind

STARTS = datetime(2026, 12, 1, 9, tzinfo=UTC)
VALUES = {
    "name": "Amina <b>Khalil</b>",
    "sender": "Harbour Clinic",
    "home": "http://localhost:8080",
    "link": "http://localhost:8080/verify#code=abc",
    "until": local(STARTS, "Asia/Kathmandu"),
    "starts": local(STARTS, "Asia/Kathmandu"),
    "happened": local(STARTS, "Asia/Kathmandu"),
    "minutes": 50,
    "count": 3,
    "items": 1,
}
UNPROVED: Final = frozenset({"address-verification", "address-change"})
"""To an address that nobody has proved to be theirs."""


@pytest.mark.parametrize("kind", get_args(Kind.__value__))
@pytest.mark.parametrize("locale", ["en-GB", "xx", "de_DE"])
def test_every_kind_renders_in_every_locale(kind: Kind, locale: str) -> None:
    subject, text, page = Words().render(kind, locale, VALUES)
    assert subject
    assert "\n" not in subject
    assert "Harbour Clinic" not in subject, "a subject is discreet"
    assert "http://localhost:8080/crisis" in text
    assert ("&lt;b&gt;" in page) == (kind not in UNPROVED), "a name is text, not HTML"


@pytest.mark.parametrize("kind", sorted(UNPROVED))
def test_who_makes_us_write_to_a_stranger_chooses_no_word_of_it(kind: Kind) -> None:
    """Else anybody could send what they like in the clinic's name: a name may be an advertisement with a link."""
    _, text, page = Words().render(kind, "en", VALUES | {"name": "You won at http://evil.example"})
    assert "evil" not in text + page


def test_a_time_is_told_in_the_zone_of_its_reader() -> None:
    _, text, _ = Words().render("appointment-booked", "en", VALUES)
    assert "Tuesday 1 December 2026, 14:45 (Asia/Kathmandu)" in text


def test_a_missing_value_is_an_error_not_a_gap() -> None:
    with pytest.raises(Exception, match="minutes"):
        Words().render("appointment-booked", "en", {k: v for k, v in VALUES.items() if k != "minutes"})
