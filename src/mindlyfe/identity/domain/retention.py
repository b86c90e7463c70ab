"""How long the law wants records kept, and what that means for a person who wants theirs erased. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

import msgspec

from mindlyfe.identity.contract.erasures import Advice, Stays
from mindlyfe.kernel.retained import Retained


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How long records of treatment stay, from the last contact on. A clinic may keep nothing longer, nor less."""

    years: int
    after_death: int
    """Years after death, which replace the others."""
    minor_until: int
    """The birthday before which the record of somebody treated as a minor never goes; 0: no such rule."""
    minor_at_17_until: int = 0
    """The same, for whose treatment ended at 17."""
    source: str


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        # NHS England, Records Management Code of Practice (2021, updated 2023), appendix II: mental health 20 years
        # after treatment or 10 after death; children until their 25th birthday, the 26th if treatment ended at 17.
        "GB-ENG": Rule(
            years=20,
            after_death=10,
            minor_until=25,
            minor_at_17_until=26,
            source="NHS England, Records Management Code of Practice, appendix II",
        ),
        # Code de la santé publique, R1112-7: 20 years after the last stay or visit, never before the 28th birthday;
        # 10 years after death. It binds institutions; practices follow it.
        "FR": Rule(years=20, after_death=10, minor_until=28, source="Code de la santé publique, R1112-7"),
        # Bürgerliches Gesetzbuch, section 630f (3): 10 years after the end of treatment. Death changes nothing.
        "DE": Rule(years=10, after_death=10, minor_until=0, source="Bürgerliches Gesetzbuch, § 630f (3)"),
        # Burgerlijk Wetboek, book 7, article 454 (3), since 2020: 20 years after the last change of the file.
        "NL": Rule(years=20, after_death=20, minor_until=0, source="Burgerlijk Wetboek 7:454 (3)"),
        # Code of medical ethics, article 24: 30 years after the last contact.
        "BE": Rule(years=30, after_death=30, minor_until=0, source="Belgian code of medical ethics, article 24"),
    }
)
STRICTEST: Final = Rule(years=30, after_death=30, minor_until=28, source="the strictest of the rules we know")
"""For a jurisdiction that nobody has told us about: what is erased cannot be brought back."""

BY_ZONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Europe/London": "GB-ENG",
        "Europe/Paris": "FR",
        "Europe/Berlin": "DE",
        "Europe/Amsterdam": "NL",
        "Europe/Brussels": "BE",
    }
)
"""Where a clinic is, by its zone, for as long as it does not name its jurisdiction."""


def jurisdiction_of(named: str, *, zone: str) -> str:
    """Whose law holds in a clinic: what it named, or else where its zone is; empty when we do not know."""
    return named or BY_ZONE.get(zone, "")


def rule_of(jurisdiction: str) -> Rule:
    """The rule of a jurisdiction; of a part of a country that has none of its own, the country's; or the strictest."""
    country = jurisdiction.partition("-")[0]
    return RULES.get(jurisdiction) or RULES.get(country) or STRICTEST


def kept_until(rule: Rule, *, latest: date, born: date | None, died: date | None = None) -> date:
    """The first day on which records may go whose last was made on `latest`."""
    if died is not None:
        return years_after(died, rule.after_death)
    until = years_after(latest, rule.years)
    if born is None or latest >= years_after(born, 18):
        return until
    at_17 = latest >= years_after(born, 17)
    birthday = (rule.minor_at_17_until if at_17 else 0) or rule.minor_until
    return max(until, years_after(born, birthday)) if birthday else until


def years_after(day: date, years: int) -> date:
    """The same day so many years on; of 29 February, the 1 March of a common year: nothing goes a day early."""
    try:
        return day.replace(year=min(day.year + years, 9999))
    except ValueError:
        return date(min(day.year + years, 9999), 3, 1)


def advise(held: Mapping[str, Sequence[Retained]], *, jurisdiction: str, born: date | None, now: datetime) -> Advice:
    """What of the records that each context holds must stay until when, and why; what may go today."""
    rule = rule_of(jurisdiction)
    stays = [
        Stays(
            context=context,
            records=one.records,
            count=one.count,
            latest=one.latest,
            until=until,
            because=f"{rule.years} years after the last contact ({rule.source})",
        )
        for context, records in held.items()
        for one in records
        if one.records == "clinical" and (until := kept_until(rule, latest=one.latest.date(), born=born)) > now.date()
    ]
    free = [context for context in held if context not in {one.context for one in stays}]
    possible = max((one.until for one in stays), default=None)
    return Advice(jurisdiction=jurisdiction, must_stay=stays, may_go=free, possible_on=possible, made_at=now)
