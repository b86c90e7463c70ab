"""Every kind of message has its words, in the recipient's zone, without anything a stranger should not read."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from mindlyfe.notifications.adapters.words import Words
from mindlyfe.notifications.application.content import local
from mindlyfe.notifications.contract import Kind

STARTS = datetime(2026, 12, 1, 9, tzinfo=UTC)
VALUES = {
    "name": "Amina <b>Khalil</b>",
    "clinic": "Harbour Clinic",
    "home": "http://localhost:8080",
    "link": "http://localhost:8080/verify#code=abc",
    "until": local(STARTS, "Asia/Kathmandu"),
    "starts": local(STARTS, "Asia/Kathmandu"),
    "minutes": 50,
}


@pytest.mark.parametrize("kind", get_args(Kind.__value__))
@pytest.mark.parametrize("locale", ["en-GB", "xx", "de_DE"])
def test_every_kind_renders_in_every_locale(kind: Kind, locale: str) -> None:
    subject, text, page = Words().render(kind, locale, VALUES)
    assert subject
    assert "\n" not in subject
    assert "Harbour Clinic" not in subject, "a subject is discreet"
    assert "http://localhost:8080/crisis" in text
    assert "&lt;b&gt;" in page, "a name is text, not HTML"


def test_a_time_is_told_in_the_zone_of_its_reader() -> None:
    _, text, _ = Words().render("appointment-booked", "en", VALUES)
    assert "Tuesday 1 December 2026, 14:45 (Asia/Kathmandu)" in text


def test_a_missing_value_is_an_error_not_a_gap() -> None:
    with pytest.raises(Exception, match="minutes"):
        Words().render("appointment-booked", "en", {k: v for k, v in VALUES.items() if k != "minutes"})
