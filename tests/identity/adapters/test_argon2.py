"""Password hashing: argon2id with stated parameters, beside the event loop."""

import asyncio

from mindlyfe.identity.adapters.argon2 import Argon2


async def test_asvs_11_4_2_a_hash_states_its_parameters_and_matches_its_password_alone() -> None:
    passwords = Argon2()
    hashed = await passwords.hashed("umbrella-tortoise-lagoon")
    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert hashed != await passwords.hashed("umbrella-tortoise-lagoon")
    assert await passwords.matches(hashed, "umbrella-tortoise-lagoon")
    assert not await passwords.matches(hashed, "umbrella-tortoise-lagoons")
    assert not await passwords.matches("not a hash", "umbrella-tortoise-lagoon")


async def test_nobodys_password_is_never_right() -> None:
    passwords = Argon2()
    assert not await passwords.matches(None, "")
    assert not await passwords.matches(None, passwords.nobodys[0])


async def test_the_loop_goes_on_while_passwords_are_hashed() -> None:
    passwords, turns = Argon2(), 0
    work = asyncio.gather(*(passwords.hashed(f"password number {n}") for n in range(4)))
    while not work.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10
