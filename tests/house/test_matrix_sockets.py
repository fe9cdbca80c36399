"""Every socket, asked by everybody, from pages of this site and of others."""

import re

import pytest

from ops.models import Run
from ops.routing import sockets
from tests.house.matrix import SOCKETS
from tests.house.world import World
from tests.ops.live import Socket, cookies_of, play


def test_every_socket_has_a_row():
    addresses = [str(route.pattern) for route in sockets.routes]
    missing = [address for address in addresses if address not in SOCKETS]
    assert not missing, f"Add a line to SOCKETS in tests/house/matrix.py for: {missing}"
    assert list(SOCKETS) == addresses


def socket_address(pattern, values):
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: values[found[1]], pattern or "no/such/")


async def is_let_in(address, client, **handshake):
    async with Socket(address, cookies=cookies_of(client), **handshake) as socket:
        return socket.is_accepted


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pattern", SOCKETS)
def test_a_socket_lets_in_whom_its_row_names(pattern):
    world = World()

    async def scenario():
        address = socket_address(pattern, world.own.values)
        return {asker for asker, client in world.askers.items() if await is_let_in(address, client)}

    assert play(scenario()) == SOCKETS[pattern]


@pytest.mark.django_db(transaction=True)
def test_a_candidate_is_let_in_to_her_own_run_alone():
    world = World()
    run = Run.objects.get(subject_id=world.own.answering.pk)

    async def scenario():
        askers = world.askers.items()
        address = f"/ws/runs/{run.pk}/"
        return {asker for asker, client in askers if await is_let_in(address, client)}

    assert play(scenario()) == {"owner", "interviewer", "staff", "candidate"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pattern", SOCKETS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_socket_opened_by_another_sites_page_is_refused(pattern, origin):
    world = World()

    async def scenario():
        address = socket_address(pattern, world.own.values)
        askers = world.askers.items()
        return [a for a, client in askers if await is_let_in(address, client, origin=origin)]

    assert play(scenario()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pattern", [pattern for pattern in SOCKETS if pattern])
def test_a_socket_of_anothers_is_refused_as_one_of_nothing(pattern):
    world = World()

    async def scenario():
        owner = world.askers["owner"]
        return [
            await is_let_in(socket_address(pattern, values), owner)
            for values in (world.own.values, world.rival.values, world.unknown)
        ]

    assert play(scenario()) == [True, False, False]
