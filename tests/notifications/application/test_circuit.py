"""A provider that fails rests, longer each time, and one message finds out whether it works again."""

from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mindlyfe.notifications.application.circuit import FIRST_REST_S, LONGEST_REST_S, OPENS_AFTER, Circuit


class Now:
    """A clock that a test winds."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def fails(circuit: Circuit, times: int = 1, rests_s: float | None = None) -> None:
    for _ in range(times):
        circuit.begins()
        circuit.failed(rests_s)


def test_it_rests_after_some_failures_in_a_row() -> None:
    circuit = Circuit(Now())
    fails(circuit, OPENS_AFTER - 1)
    circuit.begins()
    circuit.answered()
    fails(circuit, OPENS_AFTER - 1)
    assert circuit.admits()
    fails(circuit)
    assert (circuit.admits(), circuit.state, circuit.left_s) == (False, "resting", FIRST_REST_S)


def test_one_call_at_a_time_probes_it_and_a_failed_probe_doubles_the_rest() -> None:
    now = Now()
    circuit = Circuit(now)
    fails(circuit, OPENS_AFTER)
    now.at += FIRST_REST_S
    assert (circuit.admits(), circuit.state) == (True, "probing")
    circuit.begins()
    assert not circuit.admits()
    circuit.failed(None)
    assert circuit.left_s == 2 * FIRST_REST_S
    now.at += 2 * FIRST_REST_S
    circuit.begins()
    circuit.answered()
    assert (circuit.admits(), circuit.state) == (True, "working")


def test_calls_that_had_begun_before_make_no_rest_longer() -> None:
    circuit = Circuit(Now())
    for _ in range(20):
        circuit.begins()
    for _ in range(20):
        circuit.failed(None)
    assert circuit.left_s == FIRST_REST_S


def test_it_rests_for_as_long_as_it_asked_for() -> None:
    circuit = Circuit(Now())
    fails(circuit, rests_s=30)
    assert circuit.left_s == 30


def test_a_probe_that_was_broken_off_lets_another_one_in() -> None:
    now = Now()
    circuit = Circuit(now)
    fails(circuit, OPENS_AFTER)
    now.at += FIRST_REST_S
    circuit.begins()
    circuit.broke_off()
    assert circuit.admits()


class AnyProvider(RuleBasedStateMachine):
    """Whatever happens, it is asked again some time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = Now()
        self.circuit = Circuit(self.now)
        self.under_way = 0

    @rule()
    def begin(self) -> None:
        if self.circuit.admits():
            self.circuit.begins()
            self.under_way += 1

    @rule(how=strategies.sampled_from(["answered", "failed", "broke off"]))
    def end(self, how: str) -> None:
        if self.under_way:
            self.under_way -= 1
            match how:
                case "answered":
                    self.circuit.answered()
                case "failed":
                    self.circuit.failed(None)
                case _:
                    self.circuit.broke_off()

    @rule(seconds=strategies.floats(0, 600))
    def wait(self, seconds: float) -> None:
        self.now.at += seconds

    @invariant()
    def rests_are_bounded(self) -> None:
        assert self.circuit.left_s <= LONGEST_REST_S

    @invariant()
    def nobody_is_left_alone_for_ever(self) -> None:
        if not self.under_way:
            assert self.circuit.admits() or self.circuit.left_s > 0


TestAnyProvider = AnyProvider.TestCase
