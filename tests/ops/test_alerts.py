"""Alerts as rows and messages; apprise sends them to a real server on this machine."""

import json
import logging
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from config.addresses import alert_addresses
from ops import alert_channels, rounds
from ops.alert_outage import OutageWatch
from ops.alerts import forget_alerts, look_for_alerts, send_notices
from ops.checks import check_alert_rules, check_alert_urls
from ops.models import Alert, AlertNotice, Attempt, AuditEntry, DeadLetter, Job, WorkerHeartbeat
from tests.ops.runs import make_job, make_run

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Pager:
    """A server that keeps what it is sent; `status` is what it answers."""

    def __init__(self):
        self.got, self.status = [], 200
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if pager.status == 200:
                    pager.got.append(json.loads(body))
                self.send_response(pager.status)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def has_got(self, count):
        """Whether so many messages arrive within some seconds."""
        until = time.monotonic() + 10
        while len(self.got) < count and time.monotonic() < until:
            time.sleep(0.02)
        return len(self.got) >= count

    @property
    def titles(self):
        return [each["title"].partition(": ")[2] for each in self.got]


@pytest.fixture
def make_pager():
    pagers = []

    def make():
        pagers.append(Pager())
        return pagers[-1]

    yield make
    for each in pagers:
        each.close()


@pytest.fixture
def log():
    """What an installation would write to its log."""
    handler = logging.StreamHandler(StringIO())
    logging.getLogger().addHandler(handler)
    yield handler.stream
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def pager(make_pager, settings):
    pager = make_pager()
    settings.ALERT_URLS = [pager.url]
    return pager


@pytest.fixture
def now(db):
    """A moment at which workers are alive."""
    now = timezone.now()
    WorkerHeartbeat.objects.create(
        key="here:1", queue="short", host="here", sentinel_pid=1, status="Idle", at=now + 9 * HOUR
    )
    return now


@pytest.fixture
def die(session):
    run = make_run(session)

    def make(code="invalid_media", stage="prepare"):
        job = make_job(run, stage=stage, state=Job.State.DEAD, failure_code=code)
        return DeadLetter.objects.create(
            job=job,
            fingerprint=f"{code}-{stage}",
            failure_code=code,
            stage=stage,
            queue="short",
            waiting_id=run.subject_id,
            expires_at=timezone.now() + 30 * 24 * HOUR,
        )

    return make


def test_a_new_kind_of_failure_is_told_once_with_the_page_that_tells_more(now, pager, die):
    die()
    look_for_alerts(now)
    look_for_alerts(now + MINUTE)
    look_for_alerts(now + 2 * HOUR)
    (message,) = pager.got
    assert "A failure of a new kind, invalid_media in prepare" in message["title"]
    assert "/admin/ops/deadletter/groups/?fingerprint=invalid_media-prepare" in message["message"]
    assert message["type"] == "warning"


def test_a_cause_that_was_there_before_is_not_new(now, pager, die):
    DeadLetter.objects.filter(pk=die().pk).update(created_at=now - 2 * HOUR)
    job = die(stage="verify")
    DeadLetter.objects.filter(pk=job.pk).update(fingerprint="invalid_media-prepare")
    look_for_alerts(now)
    assert pager.got == []


def many_letters(die):
    for number in range(6):
        DeadLetter.objects.filter(pk=die(stage=f"stage-{number}").pk).update(
            fingerprint="known", created_at=timezone.now() - 2 * HOUR
        )


def test_what_lasts_is_told_at_most_once_an_hour_and_that_it_is_over_once(now, pager, die):
    many_letters(die)
    for minutes in (0, 1, 59):
        look_for_alerts(now + minutes * MINUTE)
    assert pager.titles == ["6 dead letters are open in queue short."]
    look_for_alerts(now + HOUR)
    assert len(pager.got) == 2
    DeadLetter.objects.update(state=DeadLetter.State.RESOLVED)
    for minutes in (61, 62, 65, 66, 67, 90):
        look_for_alerts(now + minutes * MINUTE)
    assert pager.titles[2:] == ["all is well again"]
    assert "Over after 61 min: 6 dead letters" in pager.got[2]["message"]
    assert Alert.objects.get(rule="dead_in_queue").count == 2


def test_all_is_well_only_when_everything_is_over(now, pager, die):
    many_letters(die)
    job = make_job(DeadLetter.objects.first().job.run, stage="other", state=Job.State.DONE)
    Attempt.objects.create(
        job=job, token=1, worker="w", started_at=now, ended_at=now,
        outcome=Attempt.Outcome.RETRY, failure_code="quota_exhausted",
    )  # fmt: skip
    look_for_alerts(now)
    (message,) = pager.got
    assert message["type"] == "failure"
    assert "(and 1 more)" in message["title"]
    DeadLetter.objects.update(state=DeadLetter.State.RESOLVED)
    look_for_alerts(now + MINUTE)
    look_for_alerts(now + 30 * MINUTE)
    assert len(pager.got) == 1
    for minutes in (62, 68):
        look_for_alerts(now + minutes * MINUTE)
    assert pager.titles[-1] == "all is well again"
    assert len(pager.got) == 2


def test_a_failed_delivery_is_logged_and_tried_again_until_it_arrives(now, pager, die, caplog):
    die()
    pager.status = 503
    look_for_alerts(now)
    notice = AlertNotice.objects.get()
    assert (notice.delivered_at, notice.tries) == (None, 1)
    assert notice.error
    assert "did not reach json" in caplog.text
    pager.status = 200
    look_for_alerts(now + MINUTE)
    notice.refresh_from_db()
    assert (len(pager.got), notice.tries, notice.error) == (1, 2, "")
    assert notice.delivered_at == now + MINUTE


def test_one_channel_that_is_away_keeps_no_other_waiting(now, make_pager, settings, die):
    away, there = make_pager(), make_pager()
    away.status = 500
    settings.ALERT_URLS = [away.url, there.url]
    die()
    look_for_alerts(now)
    look_for_alerts(now + MINUTE)
    assert (len(away.got), len(there.got)) == (0, 1)
    many = [AlertNotice(channel=n.channel, title="t", body="b", kind="info", created_at=now)
            for n in AlertNotice.objects.filter(delivered_at=None) for _ in range(30)]  # fmt: skip
    AlertNotice.objects.bulk_create(many)
    die(stage="verify")
    look_for_alerts(now + 2 * MINUTE)
    assert (len(away.got), len(there.got)) == (0, 2)
    away.status = 200
    send_notices(now + 3 * MINUTE)
    assert (len(away.got), len(there.got)) == (20, 2)


def test_a_channel_that_fails_is_tried_once_a_turn(now, pager, die):
    die()
    pager.status = 500
    look_for_alerts(now)
    die(stage="verify")
    look_for_alerts(now + MINUTE)
    assert sorted(AlertNotice.objects.values_list("tries", flat=True)) == [0, 2]
    pager.status = 200
    send_notices(now + 2 * MINUTE)
    assert len(pager.got) == 2


def test_after_a_day_a_message_is_given_up_and_that_is_logged(now, pager, die, caplog):
    die()
    pager.status = 500
    look_for_alerts(now)
    send_notices(now + 25 * HOUR)
    assert AlertNotice.objects.get().given_up_at == now + 25 * HOUR
    assert "is given up" in caplog.text


def test_without_a_channel_alerts_are_listed_and_told_when_there_is_one(
    now, make_pager, settings, die
):
    settings.ALERT_URLS = []
    many_letters(die)
    look_for_alerts(now)
    assert Alert.objects.get().last_sent_at is None
    pager = make_pager()
    settings.ALERT_URLS = [pager.url]
    look_for_alerts(now + MINUTE)
    assert pager.titles == ["6 dead letters are open in queue short."]


def test_no_row_and_no_log_line_holds_an_address(now, settings, die, log):
    settings.ALERT_URLS = ["json://sam:pass-w0rd@127.0.0.1:9/hook-5ecret", "nonsense://5ecret-too"]
    die()
    look_for_alerts(now)
    assert AlertNotice.objects.count() == 2
    written = f"{list(AlertNotice.objects.values())} {list(AuditEntry.objects.values())}"
    logged = log.getvalue()
    assert "did not reach nonsense" in logged
    for secret in ("pass-w0rd", "5ecret"):
        assert secret not in written + logged


def test_what_is_over_is_forgotten_after_a_month(now, pager, die):
    die()
    look_for_alerts(now)
    look_for_alerts(now + 2 * HOUR)
    forget_alerts(now + timedelta(days=29))
    assert Alert.objects.exists()
    forget_alerts(now + timedelta(days=31))
    assert not Alert.objects.exists()
    assert not AlertNotice.objects.exists()


def test_looking_takes_a_fixed_number_of_queries(now, settings, die, django_assert_max_num_queries):
    settings.ALERT_URLS = []
    many_letters(die)
    look_for_alerts(now)
    with django_assert_max_num_queries(25):
        look_for_alerts(now + MINUTE)


# --- the database itself ------------------------------------------------------------------


def test_an_outage_of_the_database_is_told_by_the_supervisor_itself(pager):
    watch, now = OutageWatch(), timezone.now()
    for seconds in (0, 10, 20):
        watch.failed(now + timedelta(seconds=seconds))
    assert pager.got == []
    for seconds in (30, 40, 300):
        watch.failed(now + timedelta(seconds=seconds))
    assert pager.titles == ["the database does not answer"]
    pager.status = 500
    watch.answered(now + timedelta(seconds=310))
    pager.status = 200
    watch.answered(now + timedelta(seconds=320))
    watch.answered(now + timedelta(seconds=330))
    assert pager.titles[1:] == ["all is well again"]
    assert "after 5.3 min" in pager.got[1]["message"]


def test_a_short_outage_is_not_told(pager):
    watch, now = OutageWatch(), timezone.now()
    watch.failed(now)
    watch.answered(now + timedelta(seconds=10))
    watch.failed(now + timedelta(seconds=60))
    assert pager.got == []


@pytest.mark.django_db(transaction=True)
def test_the_rounds_notice_an_outage_and_its_end(pager, settings, monkeypatch):
    settings.ALERT_RULES = {"database_down_s": 0}
    monkeypatch.setattr(rounds, "LOOK_S", 0.02)
    is_away, told = threading.Event(), threading.Event()
    is_away.set()

    def run(now):
        if is_away.is_set():
            raise OperationalError("no route to host")
        told.set()

    each = rounds.Rounds(run)
    each.start()
    try:
        assert pager.has_got(1)
        is_away.clear()
        assert told.wait(10)
        assert pager.has_got(2)
    finally:
        each.stop(5)
    assert pager.titles == ["the database does not answer", "all is well again"]


# --- trying it ----------------------------------------------------------------------------


def test_the_command_says_what_arrived(db, make_pager, settings):
    good, bad = make_pager(), make_pager()
    bad.status = 500
    settings.ALERT_URLS = [good.url]
    said = StringIO()
    call_command("send_test_alert", stdout=said)
    assert "delivered" in said.getvalue()
    settings.ALERT_URLS = [good.url, bad.url]
    with pytest.raises(CommandError, match="Not every channel"):
        call_command("send_test_alert", stdout=said)
    settings.ALERT_URLS = []
    with pytest.raises(CommandError, match="ALERT_URLS is empty"):
        call_command("send_test_alert", stdout=said)


def test_staff_send_a_test_by_a_button(sam, signed_in, pager):
    client = signed_in(sam)
    page = client.get("/admin/ops/alert/").content.decode()
    (channel,) = alert_channels.known_channels()
    assert channel.mark in page
    assert pager.url not in page
    answer = client.post("/admin/ops/alert/test/", follow=True)
    assert f"Arrived: {channel.mark}" in answer.content.decode()
    assert pager.titles == ["test alert"]
    assert AuditEntry.objects.get(action="alert.tested").actor == f"member:{sam.pk}"
    pager.status = 500
    failed = client.post("/admin/ops/alert/test/", follow=True).content.decode()
    assert f"Not arrived: {channel.mark}" in failed


def test_a_test_is_sent_by_post_and_by_staff_only(alice, sam, signed_in, pager):
    assert signed_in(sam).get("/admin/ops/alert/test/").status_code == 405
    assert signed_in(alice).post("/admin/ops/alert/test/").status_code == 404
    assert pager.got == []


def test_the_list_says_what_holds_and_what_is_over(now, pager, die, sam, signed_in):
    many_letters(die)
    look_for_alerts(now)
    client = signed_in(sam)
    assert "6 dead letters are open" in client.get("/admin/ops/alert/?holds=yes").content.decode()
    assert "6 dead letters" not in client.get("/admin/ops/alert/?holds=no").content.decode()


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", []),
        ("slack://a/b/c", ["slack://a/b/c"]),
        ("slack://a/b , mailtos://u:p@x.org?to=a@x.org,b@x.org,json://h",
         ["slack://a/b", "mailtos://u:p@x.org?to=a@x.org,b@x.org", "json://h"]),
        ("json://a\njsons://b\n", ["json://a", "jsons://b"]),
    ],
)  # fmt: skip
def test_addresses_are_told_apart(text, addresses):
    assert alert_addresses(text) == addresses


def test_wrong_settings_are_found_at_the_start(settings):
    settings.ALERT_URLS, settings.ALERT_RULES = ["nonsense://5ecret"], {"dead_in_que": 3}
    (rules,), (urls,) = check_alert_rules(None), check_alert_urls(None)
    assert "dead_in_que" in rules.msg
    assert "5ecret" not in urls.msg
    settings.ALERT_URLS, settings.ALERT_RULES = ["json://localhost"], {"dead_in_queue": 3}
    assert check_alert_rules(None) == check_alert_urls(None) == []
