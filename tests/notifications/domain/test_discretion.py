"""Words that tell of treatment are found in three languages, whatever their accents and capitals."""

import pytest

from mindlyfe.notifications.domain.discretion import telling_word


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Your Therapy session", "therapy"),
        ("Ihre THERAPIE", "therapie"),
        ("votre thérapie", "therapie"),
        ("Angststörung", "angststorung"),
        ("eine Störung", "storung"),
        ("Médicament", "medicament"),
        ("depression", "depression"),
        ("Your appointment at {time}", None),
        ("Ihr Termin am {time}: {link}", None),
        ("votre rendez-vous", None),
    ],
)
def test_what_tells_is_found(words: str, found: str | None) -> None:
    assert telling_word(words) == found
