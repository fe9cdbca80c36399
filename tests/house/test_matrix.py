"""Every route and socket, asked by everybody: nobody sees what is not hers."""

import re
from copy import deepcopy

import pytest
from django.db import transaction
from django.urls import reverse

from tests.house.matrix import DONE, EVERYBODY, GROUPS, LOGIN, OK, ROUTES
from tests.house.routes import own_patterns, patterns

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HTML_NOISE = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|csrf-token"[^>]+'
    r"|<strong>[0-9a-f]{12}</strong>"  # a support reference
)


# --- what there is ------------------------------------------------------------------------------
def test_every_route_has_a_row_and_every_row_a_route():
    known = ROUTES.keys()
    missing = [f"{p.name or path}" for path, p in own_patterns() if p.name not in known]
    assert not missing, f"Add a line to ROUTES in tests/house/matrix.py for: {missing}"
    assert known == {pattern.name for _, pattern in own_patterns()}


def test_no_two_routes_share_a_name():
    names = [pattern.name for _, pattern in own_patterns()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", ROUTES)
def test_a_row_says_an_answer_for_everybody(name):
    route = ROUTES[name]
    for method in route.methods:
        assert set(route.meant_for(method)) == set(EVERYBODY)


# --- asking -------------------------------------------------------------------------------------
def path_ids(name):
    (pattern,) = [pattern for _, pattern in own_patterns() if pattern.name == name]
    return sorted(pattern.pattern.converters)


def filled(template, values):
    """`template` with every `{name}` in its texts replaced."""
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    return template.format(**values) if isinstance(template, str) else template


def ids_asked(name):
    """What to swap: the ids in the route's path, query and body."""
    route = ROUTES[name]
    named = re.findall(r"\{(\w+)\}", f"{route.query}{route.body}")
    in_path = [route.ids.get(each, each) for each in path_ids(name)]
    return sorted({*in_path, *named} - {"order", "number", "step", "notice_hash"})


def ask(client, name, method, values):
    """The answer; what asking changed is undone, here and in the browser."""
    route, cookies = ROUTES[name], deepcopy(client.cookies)
    address = reverse(name, kwargs={key: values[route.ids.get(key, key)] for key in path_ids(name)})
    body = filled(route.body or {}, values)
    how = {} if route.is_form else {"content_type": "application/json"}
    with transaction.atomic():
        if method == "GET":
            answer = client.get(address, filled(route.query, values))
        else:
            answer = getattr(client, method.lower())(address, body, **how)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def heard(answer):
    """The answer as matrix.py says it."""
    if answer.status_code == 302 and answer["Location"].startswith(reverse("account_login")):
        return LOGIN
    if answer.status_code == 302 and answer["Location"] == reverse("candidate_done"):
        return DONE
    return answer.status_code


@pytest.mark.parametrize("name", ROUTES)
def test_everybody_gets_the_answer_that_is_meant_for_her(name, world):
    route = ROUTES[name]
    wrong = {}
    for asker, client in world.askers.items():
        for method, status in route.methods.items():
            meant = route.meant_for(method)[asker]
            meant = status if meant == OK else meant
            got = heard(ask(client, name, method, world.own.values))
            if got != meant:
                wrong[asker, method] = f"{got}, meant {meant}"
    assert not wrong


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_has_the_methods_of_its_row_and_no_other(name, world):
    route = ROUTES[name]
    asker = next(asker for asker in ("owner", "candidate", "staff") if route.policy[asker] == OK)
    others = [method for method in METHODS if method not in route.methods]
    got = {
        method: ask(world.askers[asker], name, method, world.own.values).status_code
        for method in others
    }
    assert got == dict.fromkeys(others, 405)


# --- what is another's is nothing ---------------------------------------------------------------
def told(answer, values):
    """Status and text of an answer, without what differs by itself."""
    text = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()
    for value in values.values():
        if len(value) > MIN_ID_CHARS:
            text = text.replace(value, "ID")
    return answer.status_code, HTML_NOISE.sub("", text)


MIN_ID_CHARS = 6
TOKENS = {"token", "join_token"}  # who has one may


# Everybody but those to whom the rival's place is her own.
TEAMS_OWN = sorted(set(EVERYBODY) - {*GROUPS["outsiders"], "key_stranger"})


@pytest.mark.parametrize("name", [name for name in ROUTES if ids_asked(name)])
def test_what_is_anothers_is_the_same_404_as_what_does_not_exist(name, world):
    route = ROUTES[name]
    wrong = {}
    for asker in (name for name in TEAMS_OWN if route.may(name)):
        for place in (world.rival, world.neighbour):
            if place is world.neighbour and asker not in ("assigned", "candidate", "key_assigned"):
                continue  # her team's, too
            wrong |= swapped(world, name, asker, place)
    assert not wrong


def swapped(world, name, asker, place):
    """What is wrong with the answers when ids, one by one and all together, are of `place`."""
    route, own = ROUTES[name], world.own.values
    ids = [each for each in ids_asked(name) if place.values[each] != own[each]]
    wrong = {}
    for some in [*([each] for each in ids), ids]:
        foreign = own | {each: place.values[each] for each in some}
        nothing = own | {each: world.unknown[each] for each in some}
        for method in (each for each in route.methods if route.meant_for(each)[asker] == OK):
            answers = [
                told(ask(world.askers[asker], name, method, values), values)
                for values in (foreign, nothing)
            ]
            is_alike = answers[0] == answers[1] or set(some) <= TOKENS
            is_nothing = answers[1][0] == 404 or set(some) <= route.by_item
            if not (is_alike and is_nothing):
                wrong[asker, method, *some] = answers
    return wrong


def test_the_swap_sees_a_route_that_tells_what_is_anothers(world, monkeypatch):
    monkeypatch.setattr("ops.permissions.can_follow", lambda *_: True)
    assert swapped(world, "api_run", "owner", world.rival)


# --- somebody else's routes ---------------------------------------------------------------------
def ruled_addresses(prefix):
    """An address for each pattern below `prefix`, with something in every place."""
    for path, _ in patterns():
        if path.startswith(prefix):
            address = re.sub(r"\(\?P<\w+>[^)]*\)\)?|<[^>]+>", "1", path)
            yield "/" + re.sub(r"[\^$\\?]|\(\?:|\)", "", address)


PASSING_BY = ("anonymous", "candidate", "owner", "interviewer", "reviewer", "key_ops", "disabled")


@pytest.mark.parametrize("asker", PASSING_BY)
def test_the_admin_is_for_staff_alone(world, asker):
    addresses = list(ruled_addresses("admin/"))
    assert len(addresses) > 20
    for address in addresses:
        answer = world.askers[asker].get(address)
        is_open = address in ("/admin/login/", "/admin/logout/")
        assert is_open or answer.status_code in (302, 404), address
        if answer.status_code == 302 and not is_open:
            assert "login" in answer["Location"], address


# What allauth shows to those who are not signed in.
OPEN_ACCOUNTS = re.compile(
    r"/accounts/(login|signup|password/reset|confirm-email|inactive|"
    r"logout|reauthenticate|2fa/authenticate|2fa/webauthn|2fa/trust)"
)


@pytest.mark.parametrize("asker", ["anonymous", "candidate", "disabled", "key_results"])
def test_account_pages_send_who_is_not_signed_in_to_sign_in(world, asker):
    addresses = list(ruled_addresses("accounts/"))
    assert len(addresses) > 5
    for address in addresses:
        answer = world.askers[asker].get(address)
        if not OPEN_ACCOUNTS.match(address):
            assert heard(answer) in (LOGIN, 404, 405), address
