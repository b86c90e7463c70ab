"""The generated documents are up to date, and say what they should."""

from pathlib import Path

import pytest

from mindlyfe.documents import generated

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.mark.parametrize("path", sorted(generated()), ids=str)
def test_it_is_up_to_date(path: Path) -> None:
    assert (DOCS / path).exists(), "run ./mindlyfe docs"
    assert (DOCS / path).read_text() == generated()[path], "run ./mindlyfe docs"


def test_the_matrix_names_roles_and_public_routes() -> None:
    matrix = generated()[Path("permissions.md")]
    assert "| `appointments:book` |" in matrix
    assert "nothing: public" in matrix


def test_the_matrix_shows_whose_data_opens_to_whom() -> None:
    matrix = generated()[Path("permissions.md")]
    assert "| relation | roles | logistics | demographics | clinical | psychotherapy-note |" in matrix
    assert "| party and care | supervisor, therapist |  |  |  | write (aal 2) |" in matrix
    assert "| break-glass | supervisor, therapist | read (aal 2) | read (aal 2) | read (aal 2) |  |" in matrix
