"""A backup is only believed when it is whole."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mindlyfe.stack import manifest
from mindlyfe.stack.manifest import BadBackup, Manifest, Object


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "one").write_bytes(b"sealed")
    (tmp_path / "keys.dump").write_bytes(b"keys")
    manifest.write(
        tmp_path,
        Manifest(
            made_at=datetime(2026, 1, 2, tzinfo=UTC),
            version="0.1.0",
            postgresql="18.6.3",
            contexts=["identity"],
            root_key="abc",
            demo=False,
            objects=[Object("therapy/a", "objects/one")],
            files=manifest.describe(tmp_path),
        ),
    )
    return tmp_path


def test_a_whole_backup_is_read(backup: Path) -> None:
    found = manifest.read(backup)
    assert found.contexts == ["identity"]
    assert [file.path for file in found.files] == ["keys.dump", "objects/one"]


def test_without_a_manifest_it_is_no_backup(backup: Path) -> None:
    (backup / manifest.NAME).unlink()
    with pytest.raises(BadBackup, match="not finished"):
        manifest.read(backup)


def test_a_missing_file(backup: Path) -> None:
    (backup / "keys.dump").unlink()
    with pytest.raises(BadBackup, match="missing"):
        manifest.read(backup)


def test_a_changed_file(backup: Path) -> None:
    (backup / "objects" / "one").write_bytes(b"SEALED")
    with pytest.raises(BadBackup, match="changed or damaged"):
        manifest.read(backup)


def test_a_manifest_that_points_outside(backup: Path) -> None:
    file = backup / manifest.NAME
    file.write_text(file.read_text().replace("keys.dump", "../../etc/passwd"))
    with pytest.raises(BadBackup):
        manifest.read(backup)


@pytest.mark.parametrize(("old", "new"), [('"format": 1', '"format": 2'), ("{", "[")])
def test_a_manifest_of_another_kind(backup: Path, old: str, new: str) -> None:
    file = backup / manifest.NAME
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(BadBackup):
        manifest.read(backup)
