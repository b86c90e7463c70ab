"""Asks: a question to another context, by the Protocol in its contract; local object or transport behind it."""

import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, Final, cast, get_type_hints

import msgspec
import structlog

from mindlyfe.kernel import errors
from mindlyfe.kernel.errors import DomainError, Unavailable
from mindlyfe.kernel.postgres import refuse_in_transaction
from mindlyfe.kernel.telemetry import traceparent, within
from mindlyfe.kernel.transport.port import Transport

_log: Final = structlog.get_logger("asks")


class _Question(msgspec.Struct, frozen=True):
    method: str
    traceparent: str
    arguments: msgspec.Raw


class _Answered(msgspec.Struct, frozen=True, tag="answered"):
    value: msgspec.Raw


class _Refused(msgspec.Struct, frozen=True, tag="refused"):
    code: str
    detail: str


_answer: Final = msgspec.json.Decoder(_Answered | _Refused).decode


class _Method:
    """One method of a contract Protocol: how its arguments and its result travel."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        if not inspect.iscoroutinefunction(function):
            raise TypeError(f"{function.__qualname__} must be async")
        hints = get_type_hints(function, include_extras=True)
        parameters = list(inspect.signature(function).parameters.values())[1:]
        if any(parameter.kind is not parameter.KEYWORD_ONLY for parameter in parameters):
            raise TypeError(f"{function.__qualname__} must take keyword arguments only")
        self.name = name
        fields = [_field(parameter, hints[parameter.name]) for parameter in parameters]
        self.arguments = msgspec.defstruct(f"{name}_arguments", fields, frozen=True, kw_only=True)
        self.result = msgspec.json.Decoder(hints["return"])

    async def call(self, implementation: object, raw: msgspec.Raw) -> bytes:
        arguments = msgspec.structs.asdict(msgspec.json.decode(raw, type=self.arguments))
        return msgspec.json.encode(await getattr(implementation, self.name)(**arguments))


def _field(parameter: inspect.Parameter, hint: Any) -> tuple[str, Any] | tuple[str, Any, Any]:
    if parameter.default is parameter.empty:
        return parameter.name, hint
    return parameter.name, hint, parameter.default


class _Contract:
    """A Protocol taken apart: where it is asked, its methods, its refusals by code."""

    def __init__(self, protocol: type[Any], region: str, context: str | None = None) -> None:
        self.name = protocol.__name__
        self.subject = f"{region}.ask.{context or protocol.__module__.split('.')[1]}.{protocol.__name__}"
        self.methods = {
            name: _Method(name, function)
            for name, function in inspect.getmembers(protocol, inspect.isfunction)
            if not name.startswith("_")
        }
        self._refusals = {r.code: r for module in (errors, sys.modules[protocol.__module__]) for r in _refusals(module)}

    def refusal(self, refused: _Refused) -> DomainError:
        """The refusal of the other side, of the same class."""
        return self._refusals.get(refused.code, DomainError)(refused.detail)

    async def answer(self, implementation: object, request: bytes) -> bytes:
        """What `implementation` says to a question; a mistake of its own becomes Unavailable."""
        try:
            question = msgspec.json.decode(request, type=_Question)
            with within(question.traceparent):
                value = await self.methods[question.method].call(implementation, question.arguments)
            return msgspec.json.encode(_Answered(msgspec.Raw(value)))
        except DomainError as refusal:
            return msgspec.json.encode(_Refused(refusal.code, str(refusal)))
        except Exception as mistake:  # noqa: BLE001 - the asker must hear that there is no answer
            _log.exception("ask failed", protocol=self.name, exc_info=mistake)
            return msgspec.json.encode(_Refused(Unavailable.code, ""))


def _refusals(module: ModuleType) -> Iterator[type[DomainError]]:
    return (one for one in vars(module).values() if isinstance(one, type) and issubclass(one, DomainError))


class Asks:
    """Binds contract Protocols to whoever answers them, at the first call and not before.

    With `direct`, an answerer of this process is called as it is; otherwise everything is serialised.
    """

    def __init__(self, transport: Transport, *, region: str, direct: bool = True) -> None:
        self._transport, self._region, self._direct = transport, region, direct
        self._answers: dict[tuple[type[Any], str | None], object] = {}

    def of[P](self, protocol: type[P], *, context: str | None = None, timeout_s: float = 2.0) -> P:
        """A stand-in for whoever answers `protocol`; of a Protocol that several contexts answer, for `context`.

        Its methods raise the refusals of errors.py and of the contract, Unavailable when nobody answers in time, and
        RuntimeError inside a transaction.
        """
        contract = _Contract(protocol, self._region, context)
        methods = {
            name: staticmethod(self._asking((protocol, context), contract, method, timeout_s))
            for name, method in contract.methods.items()
        }
        return cast("P", type(f"Asked{protocol.__name__}", (), {"__slots__": (), **methods})())

    def bind(self, answers: Mapping[type[Any], object], *, context: str | None = None) -> None:
        """These objects of this process answer these Protocols; on behalf of `context`, if others answer them too."""
        self._answers.update({(protocol, context): answer for protocol, answer in answers.items()})

    async def serve(self) -> None:
        """Answer for all that is bound by now, over the transport, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for (protocol, context), implementation in self._answers.items():
                own = serve(protocol, implementation, self._transport, region=self._region, context=context)
                tasks.create_task(own)
            await asyncio.Event().wait()

    def _asking(
        self, asked: tuple[type[Any], str | None], contract: _Contract, method: _Method, timeout_s: float
    ) -> Callable[..., Awaitable[Any]]:
        async def ask(**arguments: Any) -> Any:
            refuse_in_transaction()
            local = self._answers.get(asked) if self._direct else None
            if local is None:
                return await self._over_transport(contract, method, arguments, timeout_s)
            try:
                async with asyncio.timeout(timeout_s):
                    return await getattr(local, method.name)(**arguments)
            except TimeoutError as late:
                raise Unavailable(f"{contract.name} did not answer in time.") from late

        return ask

    async def _over_transport(
        self, contract: _Contract, method: _Method, arguments: Mapping[str, Any], timeout_s: float
    ) -> Any:
        raw = msgspec.Raw(msgspec.json.encode(method.arguments(**arguments)))
        question = msgspec.json.encode(_Question(method.name, traceparent(), raw))
        reply = await self._transport.ask(contract.subject, question, timeout_s=timeout_s)
        answer: _Answered | _Refused = _answer(reply)
        if isinstance(answer, _Refused):
            raise contract.refusal(answer)
        return method.result.decode(answer.value)


async def serve(
    protocol: type[Any], implementation: object, transport: Transport, *, region: str, context: str | None = None
) -> None:
    """Answer `protocol` by `implementation` until cancelled."""
    contract = _Contract(protocol, region, context)

    async def answer(request: bytes) -> bytes:
        return await contract.answer(implementation, request)

    await transport.answer(contract.subject, answer)
