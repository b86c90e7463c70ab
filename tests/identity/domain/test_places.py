"""Addresses, zones and ages."""

from datetime import UTC, date, datetime

import pytest

from mindlyfe.identity.domain.address import kept, sought
from mindlyfe.identity.domain.calendar import known_zone, old_enough
from mindlyfe.identity.domain.refusals import ImpossibleBirth, TooYoung, UnknownZone
from mindlyfe.kernel.errors import Malformed


def test_one_address_in_many_spellings() -> None:
    assert sought("Pat@Mail.Example ") == sought("pat@mail.example")
    assert kept("ｐat@mail.example") == "pat@mail.example"
    with pytest.raises(Malformed):
        kept("a，b@mail.example")


@pytest.mark.parametrize("zone", ["Europe/Lond", "", "../etc/passwd", "/etc/passwd", "Europe", "UTC\n"])
def test_a_zone_must_exist(zone: str) -> None:
    with pytest.raises(UnknownZone):
        known_zone(zone)
    assert known_zone("Asia/Kathmandu")


def test_the_birthday_in_the_persons_own_zone_counts() -> None:
    born, evening = date(2008, 6, 2), datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert old_enough(born, minimum=18, zone="Pacific/Kiritimati", now=evening) == born
    with pytest.raises(TooYoung):
        old_enough(born, minimum=18, zone="Europe/London", now=evening)
    for wrong in (date(2026, 6, 5), date(1880, 1, 1)):
        with pytest.raises(ImpossibleBirth):
            old_enough(wrong, minimum=18, zone="Europe/London", now=evening)
