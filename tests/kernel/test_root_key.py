"""The root key's file: private, whole, typed again without a mistake."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.kernel.root_key import FileRootKey, export_root_key, import_root_key, make_root_key
from mindlyfe.kernel.secrecy import WrongRootKey


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "secrets" / "root.key"
    make_root_key(path)
    return path


def test_it_is_made_for_its_owner_alone_and_never_overwritten(path: Path) -> None:
    before = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        make_root_key(path)
    assert path.read_text() == before
    assert [file.name for file in path.parent.iterdir()] == ["root.key"]


def test_what_is_exported_can_be_imported(path: Path, tmp_path: Path) -> None:
    text = export_root_key(path)
    copy = tmp_path / "copy.key"
    import_root_key(copy, f"  {text.lower().replace('-', ' ')}\n")
    assert FileRootKey(copy).derived("x") == FileRootKey(path).derived("x")
    with pytest.raises(FileExistsError):
        import_root_key(path, text)


@given(place=st.integers(0, 55), letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_wrong_letter_is_noticed(place: int, letter: str) -> None:
    text = "MRSW-MZ3I-NFVG-W3DN-NZXX-A4LS-ON2H-K5TX-PB4X-U634-PV7H-7AEB-QKB5-5VIE".replace("-", "")
    if text[place] != letter:
        with pytest.raises(WrongRootKey, match="a letter is wrong"):
            import_root_key(Path("/nonexistent/root.key"), text[:place] + letter + text[place + 1 :])


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "this has 0"), (b"ABCD", "this has 4"), (b"\xff" * 32, "not a root key"), (b"9" * 56, "letters A to Z")],
)
def test_a_damaged_file_is_explained(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "root.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(WrongRootKey, match=words):
        FileRootKey(path).derived("x")


def test_a_missing_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(WrongRootKey, match="there is no root key in"):
        FileRootKey(tmp_path / "root.key").derived("x")


def test_a_file_others_may_open_is_refused_where_it_matters(path: Path) -> None:
    path.chmod(0o644)
    with pytest.raises(WrongRootKey, match="chmod"):
        FileRootKey(path).derived("x")
    assert len(FileRootKey(path, private=False).derived("x")) == 32


def test_each_purpose_has_a_key_of_its_own(path: Path) -> None:
    root = FileRootKey(path)
    assert root.derived("a") == root.derived("a") != root.derived("b")


def test_another_root_key_unwraps_nothing(path: Path, tmp_path: Path) -> None:
    make_root_key(tmp_path / "other.key")
    wrapped = asyncio.run(FileRootKey(path).wrap(b"secret", b"tenant"))
    assert asyncio.run(FileRootKey(path).unwrap(wrapped, b"tenant")) == b"secret"
    with pytest.raises(WrongRootKey, match="not the one this data was made with"):
        asyncio.run(FileRootKey(tmp_path / "other.key").unwrap(wrapped, b"tenant"))
