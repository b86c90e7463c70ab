"""Log files: their last lines, and their turning while they are written."""

from mindlyfe.stack.instance import Instance
from mindlyfe.stack.logs import log_file, tail, turn


def test_the_last_lines(instance: Instance) -> None:
    file = log_file(instance, "part")
    assert tail(file, 3) == []
    file.write_text("".join(f"line {n}\n" for n in range(10)))
    assert tail(file, 2) == ["line 8", "line 9"]
    assert tail(file, 20, offset=len("line 0\n") * 9) == ["line 9"]


def test_an_offset_beyond_a_turned_file_means_its_beginning(instance: Instance) -> None:
    file = log_file(instance, "part")
    file.write_text("after\n")
    assert tail(file, 5, offset=1000) == ["after"]


def test_turning_keeps_the_writer_writing(instance: Instance) -> None:
    file = log_file(instance, "part")
    with file.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        turn(instance, largest=50)
        writer.write(b"new\n")
    assert file.read_bytes() == b"new\n"
    assert file.with_suffix(".log.1").read_bytes() == b"x" * 100


def test_small_files_are_left_alone(instance: Instance) -> None:
    log_file(instance, "part").write_text("small")
    turn(instance)
    assert log_file(instance, "part").read_text() == "small"
