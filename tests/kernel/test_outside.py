"""Only public addresses are the outside."""

import pytest

from mindlyfe.kernel.outside import NotConnected, PublicOnly, public
from mindlyfe.kernel.testing.internet import PUBLIC, Dial
from mindlyfe.kernel.web_address import NotOfTheWeb, host_of, web_address


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1%eth0"),
        *("fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "2002:7f00:1::"),
        *("64:ff9b::a00:1", "64:ff9b:1::a00:1", "2001:db8::1", "2001::1"),
    ],
)
def test_asvs_1_3_6_an_address_of_ones_own_network_is_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    ("addresses", "trouble"),
    [([], "unreachable"), (["127.0.0.1"], "not-public"), ([PUBLIC, "10.0.0.1"], "not-public"), (["::1"], "not-public")],
)
async def test_asvs_1_3_6_a_name_with_another_address_is_never_connected_to(addresses: list[str], trouble: str) -> None:
    async def resolve(host: str) -> list[str]:
        return addresses

    dial = Dial(1)
    with pytest.raises(NotConnected) as refused:
        await PublicOnly(resolve, dial).connect_tcp("inside.example", 443, 1.0)
    assert (refused.value.trouble, dial.asked) == (trouble, [])


async def test_a_name_that_leads_nowhere_is_not_reached() -> None:
    async def resolve(host: str) -> list[str]:
        raise OSError

    with pytest.raises(NotConnected) as refused:
        await PublicOnly(resolve, Dial(1)).connect_tcp("nowhere.example", 443, 1.0)
    assert refused.value.trouble == "unreachable"


@pytest.mark.parametrize(
    "url",
    [
        *("http://a.example/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://a.example:444/"),
        *("https://user@a.example/", "https://2130706433/", "https://a.example\\@b.example/", "https://ä.example/"),
        *("https://a.example/ b", "ftp://a.example/", "https://", "", "https://a.example:x/", "https://a.example\n/"),
    ],
)
def test_asvs_1_3_6_an_address_that_is_not_of_the_web_is_not_asked(url: str) -> None:
    with pytest.raises(NotOfTheWeb):
        web_address(url)


def test_an_address_of_the_web_is_kept_but_for_its_fragment() -> None:
    assert web_address("https://push.example:443/a?b=c#d") == "https://push.example:443/a?b=c"
    assert host_of("https://push.example:443/a") == "push.example"
