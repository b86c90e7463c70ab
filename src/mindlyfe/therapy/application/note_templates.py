"""What a clinic does with its templates of notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract.note_templates import DefineTemplate, TemplateSaved
from mindlyfe.therapy.domain.note_template import Change, History, define, retire


@dataclass(frozen=True, slots=True, kw_only=True)
class Templating:
    """Defined in versions that stay; those that come with MindLyfe are nobody's to change."""

    streams: Streams[History, Change]
    clock: Clock
    ids: Ids

    async def make(self, command: DefineTemplate, who: Principal, act: Act) -> TemplateSaved:
        """A new template. Raises SectionsRepeat."""
        return await self._decide(command, who, act, self.ids(), None)

    async def revise(
        self, template: UUID, command: DefineTemplate, who: Principal, act: Act, expected: int | None
    ) -> TemplateSaved:
        """The next version. Raises NotFound, SectionsRepeat, TemplateRetired, VersionConflict."""
        state, _ = await self.streams.load(who.tenant, template)
        if state is None:
            raise NotFound
        return await self._decide(command, who, act, template, expected)

    async def retire(self, template: UUID, who: Principal, act: Act, expected: int | None) -> TemplateSaved:
        """Begin no new note by it. Raises NotFound, VersionConflict."""
        now = self.clock()
        state, _ = await self.streams.load(who.tenant, template)
        if state is None:
            raise NotFound
        decided = await self.streams.decide(
            act, template, lambda state: retire(state, by=who.id, at=now), expected=expected
        )
        return TemplateSaved(template, decided.version)

    async def _decide(
        self, command: DefineTemplate, who: Principal, act: Act, template: UUID, expected: int | None
    ) -> TemplateSaved:
        now = self.clock()

        def decision(state: History | None) -> Sequence[Change]:
            return define(state, name=command.name, sections=command.sections, by=who.id, at=now)

        decided = await self.streams.decide(act, template, decision, expected=expected)
        return TemplateSaved(decided.stream, decided.version)
