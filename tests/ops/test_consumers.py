"""Sockets: who may listen, and that every listener hears the same, once and in order."""

import asyncio
import json

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session as BrowserSession

from interviews.models import Assignment
from ops import connections, consumers
from ops.models import Event, Run
from ops.principals import Principal
from ops.progress import announce
from tests import factories
from tests.ops.live import HOST, Socket, cookies_of, in_thread, play, tailing
from tests.ops.runs import make_job, make_run, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(session):
    return make_run(session)


@pytest.fixture
def alice_cookies(alice, signed_in):
    return cookies_of(signed_in(alice))


def seqs(events):
    return [event["seq"] for event in events if event["type"] != "connected"]


def path_of(run):
    return f"/ws/runs/{run.id}/"


def test_a_listener_gets_the_snapshot_and_then_what_happens(run, alice_cookies):
    make_job(run)
    tell(run, "progress", percent=5)

    async def scenario():
        async with tailing(), Socket(path_of(run), cookies=alice_cookies) as socket:
            connected = (await socket.heard(until="connected"))[0]
            await in_thread(tell)(run, "stage", "progress", stage="verify", percent=7)
            return connected, await socket.heard(until=3)

    connected, events = play(scenario())
    assert connected["seq"] == 1
    assert connected["run"]["id"] == str(run.id)
    assert [job["stage"] for job in connected["run"]["jobs"]] == ["verify"]
    assert [(e["seq"], e["type"]) for e in events] == [(2, "stage"), (3, "progress")]
    assert events[0]["stage"] == "verify"
    assert {e["connection_id"] for e in events} == {connected["connection_id"]}
    assert [connected["update_count"], *(e["update_count"] for e in events)] == [1, 2, 3]


def test_a_late_listener_that_names_a_seq_hears_what_an_early_one_heard(run, alice_cookies):
    async def scenario():
        async with tailing(), Socket(path_of(run), cookies=alice_cookies) as early:
            await early.heard(until="connected")
            for _ in range(3):
                await in_thread(tell)(run, "progress", "stage")
            first = await early.heard(until=6)
            async with (
                Socket(path_of(run), cookies=alice_cookies) as late,
                Socket(f"{path_of(run)}?after=0", cookies=alice_cookies) as by_address,
            ):
                await late.say({"after": 0})
                await in_thread(tell)(run, "completed")
                return [
                    [*first, *await early.heard(until=7)],
                    (await late.heard(until=7))[1:],
                    (await by_address.heard(until=7))[1:],
                ]

    heard = play(scenario())
    own = ("connection_id", "update_count")
    early, late, by_address = (
        [{k: v for k, v in event.items() if k not in own} for event in events] for events in heard
    )
    assert seqs(early) == [1, 2, 3, 4, 5, 6, 7]
    assert early == late == by_address


def test_events_wait_for_a_client_that_says_what_it_knows(run, alice_cookies):
    tell(run, "stage", "stage")

    async def scenario():
        async with tailing(), Socket(path_of(run), cookies=alice_cookies) as socket:
            await socket.heard(until="connected")
            await in_thread(tell)(run, "stage")
            await asyncio.sleep(0.1)  # the event is there before the client's word
            await socket.say({"after": 1})
            return await socket.heard(until=3)

    assert seqs(play(scenario())) == [2, 3]


def test_lost_doubled_and_early_messages_do_no_harm(run, alice_cookies):
    async def scenario():
        async with Socket(path_of(run), cookies=alice_cookies) as socket:
            await socket.heard(until="connected")
            await in_thread(tell)(run, "stage", "stage", "stage", "stage")
            events = await in_thread(list)(Event.objects.select_related("run").order_by("seq"))
            for event in (events[0], events[2], events[1], events[2], events[0], events[3]):
                await announce([event])
            heard = await socket.heard(until=4)
            await in_thread(tell)(run, "completed")
            await announce([await in_thread(Event.objects.select_related("run").get)(seq=5)])
            return [*heard, *await socket.heard(until=5)]

    assert seqs(play(scenario())) == [1, 2, 3, 4, 5]


def test_a_heartbeat_brings_what_a_lost_message_left_out(run, alice_cookies, monkeypatch):
    monkeypatch.setattr(consumers, "BEAT_S", 0.4)

    async def scenario():
        async with Socket(path_of(run), cookies=alice_cookies) as socket:  # and no tailer
            await socket.heard(until="connected")
            await in_thread(tell)(run, "stage", "completed")
            return await socket.heard(until="completed")

    assert seqs(play(scenario())) == [1, 2]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", HOST),
        ("null", HOST),
        (None, HOST),
        ("http://localhost:9999", HOST),
        (f"http://{HOST}.evil.example", HOST),
        ("http://evil.example", "evil.example"),  # DNS rebinding: the host is not ours
        ("", HOST),
        ("http://[", HOST),
    ],
)
def test_pages_of_other_origins_are_refused(run, alice_cookies, origin, host):
    async def scenario():
        async with Socket(path_of(run), cookies=alice_cookies, origin=origin, host=host) as socket:
            return socket.is_accepted

    assert play(scenario()) is False


def test_the_public_address_is_an_origin_behind_a_proxy_that_renames_the_host(run, alice_cookies):
    async def scenario():
        origin = settings.PUBLIC_URL
        async with Socket(path_of(run), cookies=alice_cookies, origin=origin) as socket:
            return socket.is_accepted

    assert play(scenario()) is True


def accepted(path, cookies):
    async def scenario():
        async with Socket(path, cookies=cookies) as socket:
            return socket.is_accepted

    return play(scenario())


def test_only_those_who_may_see_the_session_hear_its_run(
    run, session, alice, bob, rita, charlie, signed_in
):
    def hears(user):
        return accepted(path_of(run), cookies_of(signed_in(user)))

    assert [hears(alice), hears(bob), hears(rita), hears(charlie)] == [True, True, False, False]
    assert accepted(path_of(run), "") is False
    assert accepted(path_of(run), "sessionid=forged; candor_candidate=forged") is False
    Assignment.objects.create(session=session, member=rita.membership)
    assert hears(rita) is True


@pytest.mark.parametrize(
    "path", ["/ws/runs/00000000-0000-4000-8000-000000000000/", "/ws/nothing/", "/ws/runs/x/", "/"]
)
def test_what_is_not_there_is_refused_alike(alice_cookies, path):
    assert accepted(path, alice_cookies) is False


def test_a_candidate_hears_her_own_run_and_no_other_and_no_board(
    run, session, interview, monkeypatch
):
    other = make_run(factories.make_session(interview, alias="Wren 7"))
    carol = Principal(
        kind="candidate", organization_id=session.organization_id, session_id=session.id
    )
    monkeypatch.setattr(
        "ops.subjects._candidate_authenticators",
        [lambda cookies: carol if cookies.get("link") == "carol" else None],
    )
    assert accepted(path_of(run), "link=carol") is True
    assert accepted(path_of(other), "link=carol") is False
    assert accepted(f"/ws/interviews/{interview.key}/", "link=carol") is False


def test_signing_out_ends_the_socket_at_once(run, alice, signed_in):
    client = signed_in(alice)
    other = signed_in(alice)

    async def scenario():
        async with (
            Socket(path_of(run), cookies=cookies_of(client)) as socket,
            Socket(path_of(run), cookies=cookies_of(other)) as elsewhere,
        ):
            await socket.heard(until="connected")
            await elsewhere.heard(until="connected")
            await in_thread(client.logout_page)()
            ended = (await socket.heard(until="stream_ended"))[-1]
            code = await socket.closing()
            await in_thread(tell)(run, "completed")
            await announce(await in_thread(list)(Event.objects.select_related("run")))
            still = await elsewhere.heard(until="completed")
            return ended["reason"], code, len(still)

    client.logout_page = lambda: client.post("/accounts/logout/")
    assert play(scenario()) == ("signed_out", 4403, 1)


@pytest.mark.parametrize("what", ["session", "account", "assignment"])
def test_a_socket_ends_when_what_allowed_it_ends(run, session, rita, signed_in, monkeypatch, what):
    monkeypatch.setattr(consumers, "BEAT_S", 0.3)
    assignment = Assignment.objects.create(session=session, member=rita.membership)
    cookies = cookies_of(signed_in(rita))

    def revoke():
        if what == "session":
            BrowserSession.objects.all().delete()
        elif what == "account":
            rita.is_active = False
            rita.save()
        else:
            assignment.delete()

    async def scenario():
        async with Socket(path_of(run), cookies=cookies) as socket:
            await socket.heard(until="heartbeat")
            await in_thread(revoke)()
            ended = (await socket.heard(until="stream_ended"))[-1]
            return ended["reason"], await socket.closing()

    assert play(scenario()) == ("access_ended", 4403)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 5000, 1009),
        ("not json", 4400),
        ("[1]", 4400),
        ('{"before": 1}', 4400),
        ('{"after": -1}', 4400),
        ('{"after": "abc"}', 4400),
        ('{"after": null}', 4400),
        ("[" * 4000, 4400),
    ],
)
def test_a_client_that_talks_nonsense_is_sent_away(run, alice_cookies, text, code):
    async def scenario():
        async with Socket(path_of(run), cookies=alice_cookies) as socket:
            await socket.say(text)
            await socket.heard(until="stream_ended")
            return await socket.closing()

    assert play(scenario()) == code


@pytest.mark.parametrize("limit", ["MAX_PER_PRINCIPAL", "MAX_PER_PROCESS"])
def test_nobody_holds_more_connections_than_allowed(run, alice_cookies, monkeypatch, limit):
    monkeypatch.setattr(connections, limit, 2)

    async def first_word(socket):
        told = json.loads((await socket.received())["text"])
        return told["type"] if told["type"] == "connected" else told["reason"]

    async def scenario():
        path = path_of(run)
        async with Socket(path, cookies=alice_cookies) as a:
            async with (
                Socket(path, cookies=alice_cookies) as b,
                Socket(path, cookies=alice_cookies) as c,
            ):
                words = [await first_word(socket) for socket in (a, b, c)]
                code = await c.closing()
            async with Socket(path, cookies=alice_cookies) as d:
                return [*words, await first_word(d)], code

    words, code = play(scenario())
    assert words == ["connected", "connected", "too_many_connections", "connected"]
    assert code == 4429
    assert not connections._open


def test_a_board_tells_every_run_of_its_interview_and_none_of_another(
    run, interview, charlie, alice_cookies, signed_in
):
    second = make_run(factories.make_session(interview, alias="Wren 7"))
    foreign_interview = factories.make_interview(charlie.membership.organization)
    foreign = make_run(factories.make_session(foreign_interview), board=interview.key)
    path = f"/ws/interviews/{interview.key}/"

    async def scenario():
        async with tailing(), Socket(path, cookies=alice_cookies) as board:
            connected = (await board.heard(until="connected"))[0]
            await in_thread(tell)(foreign, "progress")
            await in_thread(tell)(run, "progress")
            await in_thread(tell)(second, "progress", "completed")
            return connected, await board.heard(until="completed")

    connected, events = play(scenario())
    assert {r["id"] for r in connected["runs"]} == {str(run.id), str(second.id)}
    assert [(e["run_id"], e["seq"]) for e in events] == [
        (str(run.id), 1),
        (str(second.id), 1),
        (str(second.id), 2),
    ]
    assert accepted(path, cookies_of(signed_in(charlie))) is False


def test_a_board_learns_of_a_run_that_opens_later_and_replays_what_a_client_missed(
    run, interview, alice_cookies
):
    tell(run, "stage", "stage", "stage")
    path = f"/ws/interviews/{interview.key}/"

    def open_another():
        second = make_run(factories.make_session(interview, alias="Wren 7"))
        tell(second, "upload")
        return second

    async def scenario():
        async with tailing(), Socket(path, cookies=alice_cookies) as board:
            await board.heard(until="connected")
            await board.say({"after": {str(run.id): 1}})
            missed = await board.heard(until=3)
            second = await in_thread(open_another)()
            return missed, second, await board.heard(until="upload")

    missed, second, news = play(scenario())
    assert seqs(missed) == [2, 3]
    assert [(e["run_id"], e["seq"]) for e in news] == [(str(second.id), 1)]


def test_a_reviewers_board_shows_only_what_is_assigned_to_her(
    run, session, interview, rita, signed_in
):
    other = make_run(factories.make_session(interview, alias="Wren 7"))
    Assignment.objects.create(session=session, member=rita.membership)
    cookies = cookies_of(signed_in(rita))

    async def scenario():
        path = f"/ws/interviews/{interview.key}/"
        async with tailing(), Socket(path, cookies=cookies) as board:
            connected = (await board.heard(until="connected"))[0]
            await board.say({"after": {str(other.id): 0}})
            await in_thread(tell)(other, "progress")
            await in_thread(tell)(run, "completed")
            return connected, await board.heard(until="completed")

    connected, events = play(scenario())
    assert [r["id"] for r in connected["runs"]] == [str(run.id)]
    assert {e["run_id"] for e in events} == {str(run.id)}


def test_a_board_replays_lost_messages_of_runs_that_opened_meanwhile(
    run, interview, alice_cookies, monkeypatch
):
    monkeypatch.setattr(consumers, "BEAT_S", 0.4)

    def open_another():
        tell(make_run(factories.make_session(interview, alias="Wren 7")), "upload", "completed")

    async def scenario():
        path = f"/ws/interviews/{interview.key}/"
        async with Socket(path, cookies=alice_cookies) as board:  # and no tailer
            await board.heard(until="connected")
            await in_thread(open_another)()
            return await board.heard(until="completed")

    assert [e["type"] for e in play(scenario())] == ["upload", "completed"]


def test_a_run_that_ended_can_still_be_read(session, alice_cookies):
    run = make_run(session, state=Run.State.COMPLETED)
    tell(run, "completed")

    async def scenario():
        async with Socket(path_of(run), cookies=alice_cookies) as socket:
            return (await socket.heard(until="connected"))[0]

    assert play(scenario())["run"]["state"] == "completed"


def test_a_kind_of_socket_that_leaves_a_question_open_is_refused_when_it_is_made():
    class Mute(consumers.EventsConsumer):
        def topic(self):
            return "nobody"

    with pytest.raises(TypeError, match="may_follow"):
        Mute()
