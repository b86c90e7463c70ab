"""The templates of text messages on disk."""

from pathlib import Path

import pytest

from mindlyfe.notifications.adapters.text_words import TextWords
from mindlyfe.notifications.domain.segments import segments
from mindlyfe.notifications.domain.texts import NotForTexts, TextValues


def test_a_template_with_clinical_content_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "sms"
    folder.mkdir(parents=True)
    (folder / "appointment-booked.txt").write_text("Your {diagnosis}")
    with pytest.raises(NotForTexts):
        TextWords(tmp_path)


def test_an_unknown_language_falls_back_and_an_unknown_kind_is_not_said() -> None:
    words = TextWords()
    assert words.template("appointment-booked", "xx-XX") == words.template("appointment-booked", "en") is not None
    assert words.template("recovery", "en") is None


def test_all_fit_into_one_part_for_most_clinics() -> None:
    values = TextValues(time="Wed 30 Sep, 14:45", sender="Harbour Clinic", link="https://portal.harbour.example")
    words = TextWords()
    assert {segments(one.filled(values)) for one in words._templates.values()} == {1}
