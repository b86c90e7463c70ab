"""What can be a flag: something with a plain name that is told in a sentence, and no control of safety."""

import pytest

from mindlyfe.kernel.declared import Flag, controls

DOES = "Keeps a waiting list for rooms."


@pytest.mark.parametrize("name", ["", "Waiting", "waiting list", "1st", "x" * 64, "waiting_list"])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        Flag(name, DOES, default=True)


@pytest.mark.parametrize("does", ["", "waiting list", "Keeps a list", "Keeps a list.\nAnd more of it."])
def test_it_is_told_in_a_sentence(does: str) -> None:
    with pytest.raises(ValueError, match="one sentence"):
        Flag("waiting-list", does, default=True)


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("risk-rules", DOES),
        ("skip-second-factor", DOES),
        ("quiet", "Lets no escalation ring at night."),
        ("open-doors", "Lets staff break the glass without a reason."),
        ("fast", "Leaves out the audit of what was read."),
        ("young", "Treats people below the minimum age."),
        ("easy", "Takes passwords of any length."),
        ("forget", "Shortens the retention of records."),
    ],
)
def test_a_control_of_safety_is_no_flag(name: str, does: str) -> None:
    with pytest.raises(ValueError, match="control of safety"):
        Flag(name, does, default=True)


def test_words_are_looked_at_from_their_beginning() -> None:
    assert controls("Keeps a message of unsafe glassware") == ["glassware"]
    assert controls("re-audit, Auditing") == ["audit", "auditing"]


def test_a_value_is_of_the_kind_of_the_default() -> None:
    boolean, text = Flag("a", DOES, default=True), Flag("b", DOES, default="")
    assert [boolean.fits(value) for value in (True, False, 1, "true", None)] == [True, True, False, False, False]
    assert [text.fits(value) for value in ("", "x", True, None)] == [True, True, False, False]
