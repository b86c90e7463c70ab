"""A data directory: its identity, its secrets, its lock."""

import shutil

import pytest

from mindlyfe.stack.instance import AlreadyRunning, Instance, find, held, make, replace, secret


def test_it_is_found_again_under_the_same_name(instance: Instance) -> None:
    assert find(instance.directory) == instance
    assert make(instance.directory) == instance


def test_a_copied_directory_is_another_instance(instance: Instance) -> None:
    copy = instance.directory.with_name("copy")
    shutil.copytree(instance.directory, copy)
    assert find(copy) is None
    assert make(copy).id != instance.id
    assert find(instance.directory) == instance


def test_a_directory_without_one(instance: Instance) -> None:
    assert find(instance.directory.parent) is None


def test_secrets_are_made_once_and_for_the_owner_alone(instance: Instance) -> None:
    file = instance.secrets / "some" / "password"
    password = secret(file)
    assert len(password) >= 32
    assert secret(file) == password
    assert file.stat().st_mode & 0o777 == 0o600
    assert instance.secrets.stat().st_mode & 0o777 == 0o700


def test_only_one_may_hold_it(instance: Instance) -> None:
    with held(instance), pytest.raises(AlreadyRunning), held(instance):
        pass
    with held(instance):
        pass


def test_a_file_is_replaced_whole(instance: Instance) -> None:
    file = instance.run / "file"
    replace(file, b"first")
    replace(file, b"second")
    assert file.read_bytes() == b"second"
    assert [path.name for path in instance.run.iterdir()] == ["instance.json", "file"] or not list(
        instance.run.glob(".file*")
    )


def test_socket_paths_stay_short(instance: Instance) -> None:
    assert len(str(instance.sockets / ".s.PGSQL.65535.lock")) <= 107
