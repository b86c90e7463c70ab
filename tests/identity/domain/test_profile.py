"""Countries, languages, telephone numbers, best hours, guardians, and who corrects what."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from uuid import UUID

import pytest

from mindlyfe.identity.contract.commands import Guardian
from mindlyfe.identity.contract.profiles import BestHours, EmergencyContact, SafeContact
from mindlyfe.identity.domain import member
from mindlyfe.identity.domain.details import Details, guarded, minor, plausible
from mindlyfe.identity.domain.places import COUNTRIES, known_country, known_language, known_phone
from mindlyfe.identity.domain.profile import confirm_whereabouts, correct_birth, replace
from mindlyfe.identity.domain.profile_refusals import (
    EmptyHours,
    GuardianNeeded,
    OwnRecord,
    UnknownCountry,
    UnknownLanguage,
    UnknownPhone,
)
from mindlyfe.identity.domain.refusals import ImpossibleBirth
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
YUKI, DESK = PersonId(UUID(int=11)), PersonId(UUID(int=12))
EMI = Guardian(name="Emi", phone="+81312345678", relation="mother", may=frozenset({"appointments"}))
BORN = date(2010, 1, 31)


def yuki(born: date | None = BORN) -> member.Member:
    return member.Member(
        person=YUKI,
        name="Yuki",
        roles=frozenset({"patient"}),
        zone="Asia/Tokyo",
        locale="ja",
        date_of_birth=born,
        details=Details(guardian=EMI),
    )


def wish(guardian: Guardian | None, **details: object) -> member.ProfileChanged:
    given = Details(guardian=guardian, **details)  # type: ignore[arg-type]
    return member.ProfileChanged(person=YUKI, name="Yuki", zone="Asia/Tokyo", locale="ja", pronouns="", details=given)


def test_the_countries_are_those_of_the_zone_database() -> None:
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text()
    assert {line.split("\t")[0] for line in table.splitlines() if line and line[0] != "#"} == COUNTRIES
    for wrong in ("XX", "UK", "gb", ""):
        with pytest.raises(UnknownCountry):
            known_country(wrong)


@pytest.mark.parametrize("tag", ["en", "en-GB", "ne", "zh-Hant-TW", "fil", "bfi"])
def test_a_language_that_exists_is_kept(tag: str) -> None:
    assert known_language(tag) == tag


@pytest.mark.parametrize("tag", ["xx", "qqq", "en-XX", "zh-Hant-XX"])
def test_a_language_or_region_that_does_not_exist_is_refused(tag: str) -> None:
    with pytest.raises(UnknownLanguage):
        known_language(tag)


def test_a_telephone_number_begins_with_a_country_code() -> None:
    for number in ("+442079460958", "+12025550143", "+97714123456"):
        assert known_phone(number) == number
    for number in ("+2101234567", "+9991234567"):
        with pytest.raises(UnknownPhone):
            known_phone(number)


def test_every_number_and_window_of_a_profile_is_looked_at() -> None:
    good = Details(safe_contact=SafeContact(hours=(BestHours(from_="10:00", to="24:00"),)), guardian=EMI)
    assert plausible(good) == good
    wrong = "+2101234567"
    for details in (
        Details(phone=wrong),
        Details(emergency_contact=EmergencyContact(name="A", phone=wrong)),
        Details(guardian=Guardian(name="A", phone=wrong)),
    ):
        with pytest.raises(UnknownPhone):
            plausible(details)
    for start, end in (("10:00", "10:00"), ("22:00", "06:00")):
        with pytest.raises(EmptyHours):
            plausible(Details(safe_contact=SafeContact(hours=(BestHours(from_=start, to=end),))))


def test_somebody_is_a_minor_until_their_18th_birthday_where_they_live() -> None:
    born, evening = date(2008, 6, 2), datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert not minor(born, zone="Pacific/Kiritimati", now=evening)
    assert minor(born, zone="Europe/London", now=evening)
    assert not minor(None, zone="Europe/London", now=evening)
    guarded(EMI, born=born, zone="Europe/London", now=evening)
    with pytest.raises(GuardianNeeded):
        guarded(None, born=born, zone="Europe/London", now=evening)


def test_a_minors_profile_keeps_a_guardian() -> None:
    changed = wish(EMI, safe_name="Y")
    assert replace(yuki(), changed, now=NOW) == [changed]
    assert member.evolve(yuki(), changed).details.safe_name == "Y"
    assert replace(yuki(), wish(EMI), now=NOW) == []
    with pytest.raises(GuardianNeeded):
        replace(yuki(), wish(None), now=NOW)
    assert replace(yuki(date(1990, 1, 31)), wish(None), now=NOW) == [wish(None)]


def test_somebody_else_corrects_a_date_of_birth_with_a_reason() -> None:
    born = date(2011, 1, 31)
    [event] = correct_birth(yuki(), born, reason="passport", by=DESK, now=NOW)
    assert event == member.BirthCorrected(person=YUKI, date_of_birth=born, was=BORN, reason="passport", by=DESK)
    assert member.evolve(yuki(), event).date_of_birth == born
    assert correct_birth(yuki(), BORN, reason="passport", by=DESK, now=NOW) == []
    with pytest.raises(OwnRecord):
        correct_birth(yuki(), born, reason="passport", by=YUKI, now=NOW)
    with pytest.raises(ImpossibleBirth):
        correct_birth(yuki(), date(2027, 1, 1), reason="passport", by=DESK, now=NOW)
    staff = member.evolve(yuki(), member.RolesChanged(person=YUKI, roles=frozenset({"reception"}), was=yuki().roles))
    for nobody in (None, staff):
        with pytest.raises(NotFound):
            correct_birth(nobody, born, reason="passport", by=DESK, now=NOW)


def test_whereabouts_are_confirmed_again_and_again() -> None:
    state = yuki()
    for hours in (0, 1):
        now = NOW + timedelta(hours=hours)
        [event] = confirm_whereabouts(state, "JP", now=now)
        state = member.evolve(state, event)
        assert (state.country, state.country_confirmed_at) == ("JP", now)
