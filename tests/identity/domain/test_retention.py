"""How long records are kept: by hand, and over all dates."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.domain.retention import (
    RULES,
    STRICTEST,
    Rule,
    advise,
    jurisdiction_of,
    kept_until,
    rule_of,
    years_after,
)
from mindlyfe.kernel.retained import Retained

NHS = RULES["GB-ENG"]
DAYS = st.dates(date(1920, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("latest", "born", "until"),
    [
        (date(2020, 5, 1), date(1980, 1, 1), date(2040, 5, 1)),
        (date(2020, 5, 1), None, date(2040, 5, 1)),
        (date(2020, 2, 29), date(1980, 1, 1), date(2040, 2, 29)),
        (date(2008, 2, 29), date(1980, 1, 1), date(2028, 2, 29)),
        # treated at 3: the 25th birthday is later than 20 years
        (date(2020, 5, 1), date(2017, 3, 2), date(2042, 3, 2)),
        # at 17: the 26th; 20 years are later
        (date(2020, 5, 1), date(2003, 3, 2), date(2040, 5, 1)),
        # born on 29 February: of age on 1 March of a common year, and 25 then
        (date(2024, 6, 1), date(2024, 2, 29), date(2049, 3, 1)),
    ],
)
def test_nhs_england(latest: date, born: date | None, until: date) -> None:
    assert kept_until(NHS, latest=latest, born=born) == until


@pytest.mark.parametrize(
    ("jurisdiction", "as_adult", "as_child", "died"),
    [
        ("GB-ENG", date(2040, 5, 1), date(2042, 3, 2), date(2031, 1, 1)),
        ("FR", date(2040, 5, 1), date(2045, 3, 2), date(2031, 1, 1)),
        ("DE", date(2030, 5, 1), date(2030, 5, 1), date(2031, 1, 1)),
        ("NL", date(2040, 5, 1), date(2040, 5, 1), date(2041, 1, 1)),
        ("BE", date(2050, 5, 1), date(2050, 5, 1), date(2051, 1, 1)),
        ("", date(2050, 5, 1), date(2050, 5, 1), date(2051, 1, 1)),
        ("JP", date(2050, 5, 1), date(2050, 5, 1), date(2051, 1, 1)),
    ],
)
def test_each_jurisdiction(jurisdiction: str, as_adult: date, as_child: date, died: date) -> None:
    """Treated last on 1 May 2020: somebody of age, a child of three, and somebody who died the year after."""
    rule, latest = rule_of(jurisdiction), date(2020, 5, 1)
    assert kept_until(rule, latest=latest, born=date(1980, 1, 1)) == as_adult
    assert kept_until(rule, latest=latest, born=date(2017, 3, 2)) == as_child
    assert kept_until(rule, latest=latest, born=date(1980, 1, 1), died=date(2021, 1, 1)) == died


def test_every_rule_has_its_row_above() -> None:
    assert set(RULES) == {"GB-ENG", "FR", "DE", "NL", "BE"}


@pytest.mark.parametrize(
    ("named", "zone", "holds"),
    [
        ("DE", "Europe/London", "DE"),
        ("GB-SCT", "Europe/London", "GB-SCT"),
        ("", "Europe/London", "GB-ENG"),
        ("", "Europe/Paris", "FR"),
        ("", "Europe/Berlin", "DE"),
        ("", "Europe/Amsterdam", "NL"),
        ("", "Europe/Brussels", "BE"),
        ("", "Asia/Kathmandu", ""),
    ],
)
def test_what_the_clinic_names_goes_before_its_zone(named: str, zone: str, holds: str) -> None:
    assert jurisdiction_of(named, zone=zone) == holds


@pytest.mark.parametrize(("part", "rule"), [("DE-BY", "DE"), ("FR-IDF", "FR"), ("GB-ENG", "GB-ENG")])
def test_a_part_of_a_country_has_the_countrys_law_unless_it_has_its_own(part: str, rule: str) -> None:
    assert rule_of(part) is RULES[rule]


@pytest.mark.parametrize("unknown", ["GB", "GB-SCT", "US-CA", "XX"])
def test_the_law_of_a_neighbour_is_not_borrowed(unknown: str) -> None:
    assert rule_of(unknown) is STRICTEST


def test_death_counts_instead() -> None:
    assert kept_until(NHS, latest=date(2020, 5, 1), born=None, died=date(2021, 1, 1)) == date(2031, 1, 1)


def test_29_february_and_the_end_of_time() -> None:
    assert years_after(date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert years_after(date(2024, 2, 29), 7990) == date(9999, 3, 1)


@given(latest=DAYS, born=st.none() | DAYS, chosen=st.sampled_from([*RULES.values(), STRICTEST]))
def test_nothing_goes_early(latest: date, born: date | None, chosen: Rule) -> None:
    until = kept_until(chosen, latest=latest, born=born)
    assert until.year - latest.year >= chosen.years
    assert until >= years_after(latest, chosen.years)
    assert kept_until(chosen, latest=latest + timedelta(days=1), born=born) >= until or born is not None
    if born is not None and chosen.minor_until and latest < years_after(born, 18):
        assert until >= years_after(born, chosen.minor_until)


@given(latest=DAYS, born=DAYS)
def test_the_strictest_rule_keeps_at_least_as_long_as_any(latest: date, born: date) -> None:
    for rule in RULES.values():
        assert kept_until(STRICTEST, latest=latest, born=born) >= kept_until(rule, latest=latest, born=born)


@given(latest=DAYS, born=st.none() | DAYS, today=DAYS)
def test_advice_holds_back_exactly_until_the_day(latest: date, born: date | None, today: date) -> None:
    at = datetime(latest.year, latest.month, latest.day, 12, tzinfo=UTC)
    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    held = {"therapy": [Retained(records="clinical", count=1, latest=at)], "notifications": []}
    advice = advise(held, jurisdiction="GB-ENG", born=born, now=now)
    until = kept_until(NHS, latest=latest, born=born)
    assert bool(advice.must_stay) == (today < until)
    assert advice.possible_on == (until if advice.must_stay else None)
    assert "notifications" in advice.may_go
    assert ("therapy" in advice.may_go) != bool(advice.must_stay)


def test_administrative_records_never_hold_a_person_back() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    held = {"notifications": [Retained(records="administrative", count=3, latest=now)]}
    assert advise(held, jurisdiction="GB-ENG", born=None, now=now).must_stay == []
