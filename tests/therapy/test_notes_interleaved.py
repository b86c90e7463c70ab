"""Devices that save, join and sign at once: every interleaving of their steps keeps every text that was acknowledged.

The use cases run as they are; the log and the store of texts are played, and between any two of their answers
Hypothesis decides who goes on. Each of the two does its own part at once and nothing spans both, as in ADR 18.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.policy import Verdict
from mindlyfe.kernel.testing.principals import principal
from mindlyfe.therapy.application.note_access import NoteDoor
from mindlyfe.therapy.application.note_reading import NoteReading
from mindlyfe.therapy.application.notes import Notes
from mindlyfe.therapy.contract.note_refusals import NoteInConflict, NoteSigned, RevisionOutdated
from mindlyfe.therapy.contract.notes import AddAddendum, BeginNote, NoteView, SaveRevision, SectionText, SignNote
from mindlyfe.therapy.domain.note import Note, evolve
from mindlyfe.therapy.domain.note_access import Where
from mindlyfe.therapy.domain.note_template import SHIPPED
from mindlyfe.therapy.domain.note_text import Document
from mindlyfe.therapy.testing.documents import MemoryDocuments

REFUSED = (NoteSigned, NoteInConflict, RevisionOutdated)


class Pause:
    """Lets the schedule choose who goes on."""

    def __await__(self) -> Generator[None]:
        yield


class Log:
    """A stream in memory: each answer takes a step, and happens at once."""

    def __init__(self) -> None:
        self.state: Note | None = None
        self.version = 0

    async def load(self, _: TenantId, __: UUID) -> tuple[Note | None, int]:
        await Pause()
        found = self.state, self.version
        await Pause()
        return found

    async def decide(
        self, _: Any, stream: UUID, decision: Callable[[Note | None], Sequence[Any]], *, expected: int | None = None
    ) -> Any:
        await Pause()
        assert expected is None
        for change in decision(self.state):
            self.state, self.version = evolve(self.state, change), self.version + 1
        await Pause()
        return SimpleNamespace(stream=stream, version=self.version)


class Store(MemoryDocuments):
    """Texts in memory: each answer takes a step."""

    async def put(self, tenant: TenantId, document: Document) -> Document:
        await Pause()
        kept = await super().put(tenant, document)
        await Pause()
        return kept

    async def revisions(self, tenant: TenantId, note: UUID) -> Any:
        await Pause()
        found = await super().revisions(tenant, note)
        await Pause()
        return found


class Desk:
    """One note, one author, several devices."""

    def __init__(self) -> None:
        self.log, self.store, self.now = Log(), Store(), datetime(2026, 6, 1, 9, tzinfo=UTC)
        self.who = principal("therapist", aal=2)
        self.where = Where(PersonId(uuid4()), uuid4())

        async def allowed(*_: Any) -> Verdict:
            return Verdict(allowed=True, by=("care",))

        async def template(*_: Any) -> Any:
            return SHIPPED[0]

        reach: Any = SimpleNamespace(require=allowed, decide=allowed, clock=self.clock)
        templates: Any = SimpleNamespace(one=template)
        door = NoteDoor("progress", cast("Any", self.log), reach)
        self.notes = Notes(
            door=door,
            documents=self.store,
            templates=templates,
            appointments=cast("Any", None),
            clock=self.clock,
            ids=uuid4,
        )
        self.reading = NoteReading(door=door, documents=self.store, templates=templates)
        self.acknowledged: set[UUID] = set()
        self.first = uuid4()

    def opened(self) -> "Desk":
        """The note is begun, and every device has seen its first text."""
        run(self.notes.begin(self.where, BeginNote(template=SHIPPED[0].id), self.who, self.who.act))
        run(self.save([], self.first))
        return self

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    async def save(self, base: Sequence[UUID], revision: UUID) -> list[UUID] | None:
        """The heads, or nothing when it was refused."""
        command = SaveRevision(base=list(base), sections=[SectionText(section="plan", text=str(revision))])
        try:
            saved = await self.notes.save(self.where, revision, command, self.who)
        except REFUSED:
            return None
        self.acknowledged.add(revision)
        return saved.heads

    async def device(self, steps: Sequence[str]) -> None:
        """Saves on top of what it last saw, joins what it is told of, signs what it wrote."""
        mine, seen = [self.first], [self.first]
        for step in steps:
            if step == "sign":
                with suppress(*REFUSED):
                    await self.notes.sign(self.where, SignNote(revision=mine[-1]), self.who, self.who.act, None)
            else:
                revision = uuid4()
                heads = await self.save(seen if step == "join" else mine[-1:], revision)
                mine, seen = [*mine, revision], heads or seen

    async def view(self) -> NoteView:
        return await self.reading.one(self.where, self.who)

    def shown(self) -> set[UUID]:
        """All texts that can be read from what the author is shown: each on the screen, and what each was made from."""
        view = run(self.view())
        waiting = [one.revision for one in (*view.texts, *view.left_out)]
        reached: set[UUID] = set()
        while waiting:
            one = waiting.pop()
            if one not in reached:
                reached.add(one)
                waiting += self.store.held[self.who.tenant, self.where.note, one].base
        return reached


def run[T](work: Coroutine[Any, Any, T]) -> T:
    """To the end, with nobody in between."""
    while True:
        try:
            work.send(None)
        except StopIteration as done:
            return cast("T", done.value)


def interleaved(works: Sequence[Awaitable[None]], turns: Sequence[int]) -> None:
    """Whose turn it is goes a step; when the turns are over, each goes to its end."""
    running: list[Any] = list(works)
    for turn in turns:
        if running:
            one = running[turn % len(running)]
            try:
                one.send(None)
            except StopIteration:
                running.remove(one)
    for one in running:
        run(one)


device = st.lists(st.sampled_from(["save", "save", "join", "sign"]), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(devices=st.lists(device, min_size=2, max_size=3), turns=st.lists(st.integers(0, 5), max_size=120))
def test_no_interleaving_loses_a_text_that_was_acknowledged(devices: list[list[str]], turns: list[int]) -> None:
    desk = Desk().opened()
    interleaved([desk.device(steps) for steps in devices], turns)
    assert desk.acknowledged <= desk.shown()
    view = run(desk.view())
    assert view.conflict == (view.signature is None and len(view.texts) > 1)
    if view.signature:
        assert [one.revision for one in view.texts] == [view.signature.revision]
        assert view.texts[0].sections[0].text == str(view.signature.revision)


def test_a_text_that_is_saved_while_another_device_signs_is_shown_beside_what_was_signed() -> None:
    """The signature is decided on what was there; the text that came in that moment is not lost to anybody's eyes."""
    desk, late = Desk().opened(), uuid4()
    signing = desk.notes.sign(desk.where, SignNote(revision=desk.first), desk.who, desk.who.act, None)
    for _ in range(5):
        signing.send(None)  # it has looked at the heads, and has not signed
    assert run(desk.save([desk.first], late)) == [late]
    run(signing)
    view = run(desk.view())
    assert [one.revision for one in view.texts] == [desk.first]
    assert [one.sections[0].text for one in view.left_out] == [str(late)]


def test_a_text_that_came_too_late_is_not_acknowledged() -> None:
    desk, late = Desk().opened(), uuid4()
    saving = desk.save([desk.first], late)
    saving.send(None)
    saving.send(None)
    saving.send(None)  # it has seen a draft, and has not written
    run(desk.notes.sign(desk.where, SignNote(revision=desk.first), desk.who, desk.who.act, None))
    assert run(saving) is None
    assert late not in desk.acknowledged
    assert late in desk.shown()


@given(steps=st.integers(0, 30), then=st.integers(0, 30))
def test_what_died_on_its_way_is_done_by_saying_it_again(steps: int, then: int) -> None:
    """A process that dies between the text and the event leaves a text that nobody names; the second try names it."""
    desk, addendum = Desk().opened(), uuid4()
    run(desk.notes.sign(desk.where, SignNote(revision=desk.first), desk.who, desk.who.act, None))
    wish = AddAddendum(text="And she eats.")
    for most in (steps, then):
        dying = desk.notes.addend(desk.where, addendum, wish, desk.who, desk.who.act)
        with suppress(StopIteration):
            for _ in range(most):
                dying.send(None)
        dying.close()
        view = run(desk.view())
        assert [one.text for one in view.addenda] in ([], ["And she eats."])
    run(desk.notes.addend(desk.where, addendum, wish, desk.who, desk.who.act))
    view = run(desk.view())
    assert ([one.addendum for one in view.addenda], view.left_out) == ([addendum], [])
    assert run(desk.reading.verification(desk.where, desk.who)).holds
