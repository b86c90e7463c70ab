"""Contexts put together in one process: their platforms, their modules, their doors and background loops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.kernel.access import SigningKeys, TokenVerifier, access_cookie
from mindlyfe.kernel.admission import Door
from mindlyfe.kernel.asks import Asks
from mindlyfe.kernel.attest import Attestor
from mindlyfe.kernel.audit import Audit
from mindlyfe.kernel.audit_chain import Sequencer
from mindlyfe.kernel.audit_heads import PURPOSE, Heads
from mindlyfe.kernel.cache import Cache
from mindlyfe.kernel.clock import Clock, system_clock
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.flag_routes import with_flags
from mindlyfe.kernel.flags import Flags
from mindlyfe.kernel.ids import Ids, uuid7
from mindlyfe.kernel.inbox import Inbox
from mindlyfe.kernel.local_keys import LocalKeys
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.parts import Loop
from mindlyfe.kernel.personal import PersonalData, PersonData
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.relay import Relay
from mindlyfe.kernel.revocations import RevocationMap, Revocations
from mindlyfe.kernel.trail import AuditTrail, Trail
from mindlyfe.kernel.transport.inprocess import InProcess
from mindlyfe.kernel.transport.port import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The chosen contexts, ready to be opened. Building it does no I/O."""

    settings: Settings
    transport: Transport
    keys: LocalKeys
    asks: Asks
    platforms: Mapping[str, Platform]
    modules: Mapping[str, Module]
    revocations: RevocationMap
    """Which access tokens count no longer: one map for all doors of the process."""

    @classmethod
    def of(
        cls,
        settings: Settings,
        contexts: Sequence[str],
        transport: Transport,
        *,
        direct: bool = True,
        clock: Clock = system_clock,
        ids: Ids = uuid7,
    ) -> Self:
        """Build `contexts`. With `direct` they ask each other by calls, otherwise through the transport."""
        keys = LocalKeys(settings)
        asks = Asks(transport, region=settings.region, direct=direct)
        databases = {name: Database(settings.database, name) for name in contexts}
        platforms = {name: _platform(settings, base, keys, asks, clock, ids) for name, base in databases.items()}
        modules = {name: with_flags(CATALOGUE[name].build(lent), lent.flags) for name, lent in platforms.items()}
        for name, module in modules.items():
            held = PersonalData(databases[name], platforms[name].objects, module.personal)
            asks.bind(module.answers)
            asks.bind({PersonData: held, AuditTrail: Trail(databases[name])}, context=name)
        return cls(
            settings=settings,
            transport=transport,
            keys=keys,
            asks=asks,
            platforms=platforms,
            modules=modules,
            revocations=RevocationMap(asks.of(Revocations), clock=clock),
        )

    def doors(self) -> dict[str, Door]:
        """The door of each context."""
        settings = self.settings
        clock = next(iter(self.platforms.values())).clock
        tokens = TokenVerifier(self.asks.of(SigningKeys), issuer=settings.public_url, clock=clock)
        return {
            name: Door(
                context=name,
                region=settings.region,
                grants=module.grants,
                tokens=tokens,
                revocations=self.revocations,
                cookie=access_cookie(settings.instance, settings.secure).encode(),
                origin=settings.public_url.encode(),
                audit=Audit(self.platforms[name].database),
                clock=clock,
            )
            for name, module in self.modules.items()
        }

    def loops(self, *, relay: bool) -> dict[str, Loop]:
        """The background loops of a serving process, by name."""
        loops: dict[str, Loop] = {
            "answers": self.asks.serve,
            "revocations": self.revocations.run,
            "keys": self.keys.forget_erased,
        }
        for name, module in self.modules.items():
            database = self.platforms[name].database
            loops[f"audit.{name}"] = Sequencer(database).run
            objects, attestor = self.platforms[name].objects, Attestor(self.keys, PURPOSE)
            loops[f"audit-heads.{name}"] = Heads(database, objects, attestor, self.platforms[name].clock).run
            if module.hears or module.follows:
                loops[f"inbox.{name}"] = self._inbox(module).run
            for projection in module.projections:
                loops[f"projection.{name}.{projection.name}"] = projection.run
            for worker, loop in module.workers.items():
                loops[f"worker.{name}.{worker}"] = loop
        return loops | (self.relays() if relay else {})

    def relays(self) -> dict[str, Loop]:
        """A relay per context."""
        return {f"relay.{name}": self._relay(module).run for name, module in self.modules.items()}

    def logs(self) -> dict[str, Log]:
        """The log of each context."""
        return {
            name: Log(self.platforms[name].database, self.keys, module.streams) for name, module in self.modules.items()
        }

    async def open(self) -> None:
        """Begin to connect to the databases."""
        for platform in self.platforms.values():
            await platform.database.open()

    async def close(self) -> None:
        """Close what was opened."""
        for platform in self.platforms.values():
            await platform.database.close()
            await platform.cache.close()
        await self.keys.close()

    def _inbox(self, module: Module) -> Inbox:
        return Inbox(
            self.platforms[module.name].database,
            self.transport,
            region=self.settings.region,
            hears=module.hears,
            follows=module.follows,
        )

    def _relay(self, module: Module) -> Relay:
        database = self.platforms[module.name].database
        log = Log(database, self.keys, module.streams)
        return Relay(database, log, module.publishes, self.transport, region=self.settings.region)


def _platform(  # noqa: PLR0917 - what a process has, handed on once
    settings: Settings, database: Database, keys: LocalKeys, asks: Asks, clock: Clock, ids: Ids
) -> Platform:
    """What the process lends to one context."""
    return Platform(
        context=database.context,
        settings=settings,
        database=database,
        keys=keys,
        asks=asks,
        objects=Objects(settings.objects, database.context),
        cache=Cache(settings.cache, database.context),
        flags=Flags(database),
        clock=clock,
        ids=ids,
        contexts=tuple(CATALOGUE),
    )


def modules(settings: Settings, contexts: Sequence[str] = tuple(CATALOGUE)) -> list[Module]:
    """The modules of `contexts`, without any server: for documents and the gateway's endpoint tables."""
    return list(Assembly.of(settings, contexts, InProcess()).modules.values())
