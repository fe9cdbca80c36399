"""The admin: who gets in, what is read, what can be done, and what is written down."""

import re
import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analysis.models import Scorecard, ScorecardRating
from interviews.models import Accommodation, Assignment, Candidate, Question, Session
from ops import jobs, staff, subjects, usage
from ops.admin_base import LISTED_AT_MOST, BoundedPaginator, is_secret
from ops.failures import StageFailure
from ops.models import (
    ApiKey,
    Attempt,
    AuditEntry,
    BreakerState,
    DeadLetter,
    Event,
    IdempotencyRecord,
    Job,
    Sample,
    ThrottleWindow,
    UsageEntry,
    User,
    WorkerHeartbeat,
)
from recordings.models import Upload, UrlGrant
from tests import factories
from tests.analysis import rows
from tests.house.tree import ROOT
from tests.ops.lab import job_of
from tests.ops.runs import tell

FLOORS = ("ops", "interviews", "recordings", "analysis")
MODELS = [model for app in FLOORS for model in apps.get_app_config(app).get_models()]
EVERY_MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
TOKEN_HASH = "e5" * 32
MOST_QUERIES = 12
MANY = 50  # rows on one page of a list
BIG = (Event, Attempt, AuditEntry, Job)


def address(model, page="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def furnish(organization, n):
    """Rows of the models that a session's way leaves empty."""
    now = timezone.now()
    interview = factories.make_interview(organization)
    session, recordings, run = rows.ready_session(interview, alias=f"Heron {n}")
    member = factories.make_member(organization, f"member{n}@acme.test", "reviewer")
    rows.fail_attempt(run, "transcribe", recordings[0].pk, "invalid_media")
    job = Job.objects.get(run=run, stage="transcribe", subject_id=recordings[0].pk)
    about = {"subject_kind": "session", "subject_id": session.pk}
    DeadLetter.objects.create(
        job=job, fingerprint="f" * 64, failure_code="invalid_media", expires_at=now
    )
    tell(run, "stage", job_id=str(job.public_id), state="started")
    Assignment.objects.create(session=session, member=member.membership)
    card = Scorecard.objects.create(session=session, member=member.membership, note="Why so?")
    rubric = session.version.questions.first().competencies.first().rubric
    ScorecardRating.objects.create(scorecard=card, rubric=rubric, level=4)
    BreakerState.objects.create(dependency=f"engine {n}")
    Accommodation.objects.create(session=session, time_multiplier=1.5)
    Question.objects.create(organization=organization, kind="behavioural", text="Why?")
    ApiKey.objects.create(
        user=member, name="ats", prefix="cnd_abc", key_hash=f"{n:02}" + TOKEN_HASH[2:]
    )
    AuditEntry.objects.create(organization=organization, actor="member:1", action="x", **about)
    IdempotencyRecord.objects.create(
        principal=f"member:{n}", key=f"k{n}", body_hash=TOKEN_HASH, answer={"link": "/i/shown-once"}
    )
    ThrottleWindow.objects.create(key=f"k{n}", window_start=1, hits=1)
    UsageEntry.objects.create(
        organization=organization, kind="audio_s", provider="local", quantity=61.5, **about
    )
    Sample.objects.create(span="minute", metric="due", label=f"queue {n}", value=1, at=now)
    WorkerHeartbeat.objects.create(
        key=f"w{n}", queue="short", host="here", sentinel_pid=1, status="Idle", at=now
    )
    Upload.objects.create(
        take=recordings[0].take,
        object_key=f"k{n}",
        content_type="audio/ogg",
        size_bytes=1,
        expires_at=now,
    )
    UrlGrant.objects.create(
        recording=recordings[0],
        rendition="playback",
        purpose="preview",
        actor="member:1",
        expires_at=now,
    )
    return session


@pytest.fixture
def world(acme):
    return furnish(acme, 1)


@pytest.fixture
def staff_client(sam, signed_in):
    return signed_in(sam)


# --- who gets in --------------------------------------------------------------------------


def test_staff_sign_in_where_everybody_does(db):
    answer = Client().get("/admin/ops/job/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/admin/ops/job/"


@pytest.mark.parametrize("path", ["", "login/", "usage/", "ops/job/", "nothing/here/", "jsi18n/"])
def test_a_member_who_is_not_staff_finds_nothing(alice, signed_in, path):
    assert signed_in(alice).get(f"/admin/{path}").status_code == 404


def test_no_row_is_shown_to_a_member_who_is_not_staff(alice, signed_in):
    client = signed_in(alice)
    for model in MODELS:
        for page in (address(model), address(model, "change", 1), address(model, "add")):
            assert client.get(page).status_code == 404, page
            assert client.post(page).status_code == 404, page


def test_staff_who_are_no_longer_active_are_out(sam, signed_in):
    client = signed_in(sam)
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_passwords_are_changed_on_the_one_page_for_it(staff_client):
    assert staff_client.get("/admin/password_change/").url == reverse("account_change_password")


# --- every model --------------------------------------------------------------------------


@EVERY_MODEL
def test_every_model_is_registered(model):
    assert admin.site.is_registered(model)


def test_nothing_of_a_package_is_registered():
    assert {model._meta.app_label for model in admin.site._registry} == set(FLOORS)


def queries_of(client, page):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200, page
    return [query["sql"] for query in asked]


def test_a_list_has_as_many_queries_for_many_rows_as_for_one(world, staff_client):
    pages = [address(model) for model in MODELS]
    for page in pages:
        staff_client.get(page)  # what is asked once per process
    few = {page: queries_of(staff_client, page) for page in pages}
    for n in range(2, MANY + 1):
        furnish(factories.make_organization(f"Rival {n}"), n)
    assert Job.objects.count() > Session.objects.count() >= MANY
    for page in pages:
        many = queries_of(staff_client, page)
        assert len(many) <= len(few[page]) <= MOST_QUERIES, (page, many)


def test_every_row_opens_and_is_found_by_its_id(world, staff_client):
    opened = 0
    for model in MODELS:
        row = model._default_manager.order_by("pk").first()
        if row is None:
            continue
        opened += 1
        assert staff_client.get(address(model, "change", row.pk)).status_code == 200, model
        if isinstance(row.pk, uuid.UUID):
            found = staff_client.get(address(model), {"q": str(row.pk)}).context["cl"].result_list
            assert row in list(found), model
    assert opened > 35


@pytest.mark.parametrize("term", ["heron", str(uuid.UUID(int=7)), "7", "'\"%_\\ \u00fc", "9" * 40])
def test_every_list_can_be_searched_for_anything(world, staff_client, term):
    for model in MODELS:
        assert staff_client.get(address(model), {"q": term}).status_code == 200, model


def test_no_page_shows_a_secret(world, staff_client):
    hashes = apps.get_model("interviews.Invitation").objects.values_list("token_hash", flat=True)
    secrets = [*User.objects.values_list("password", flat=True), *hashes]
    secrets += [*ApiKey.objects.values_list("key_hash", flat=True), "/i/shown-once", TOKEN_HASH]
    for model in MODELS:
        pages = [address(model, "change", row.pk) for row in model._default_manager.all()[:3]]
        for page in (address(model), *pages):
            shown = staff_client.get(page).content.decode()
            assert not [secret for secret in secrets if secret in shown], page


def test_names_of_secrets_are_known():
    assert all(map(is_secret, ("password", "token_hash", "key_hash", "secret", "body_hash")))
    assert not any(map(is_secret, ("token_prefix", "tokens_in", "prompt_hash", "alias")))


def test_nobody_adds_or_deletes_a_row(world, staff_client, sam):
    User.objects.filter(pk=sam.pk).update(is_superuser=True)
    for model in MODELS:
        row = model._default_manager.order_by("pk").first()
        assert staff_client.post(address(model, "add"), {}).status_code == 403, model
        if row is None:
            continue
        delete = address(model, "delete", row.pk)
        assert staff_client.post(delete, {"post": "yes"}).status_code == 403, model
        chosen = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        staff_client.post(address(model), chosen)
        assert model._default_manager.filter(pk=row.pk).exists(), model


@pytest.mark.parametrize("model", BIG, ids=lambda model: model.__name__)
def test_a_big_table_is_never_counted(world, staff_client, model):
    with CaptureQueriesContext(connection) as asked:
        staff_client.get(address(model))
    table = model._meta.db_table
    assert not [q["sql"] for q in asked if "COUNT(" in q["sql"] and table in q["sql"]]


def test_a_list_stops_at_its_bound_and_says_so(acme, staff_client):
    about = {"actor": "a", "action": "b", "subject_kind": "c", "subject_id": "d"}
    AuditEntry.objects.bulk_create(AuditEntry(**about) for _ in range(LISTED_AT_MOST + 5))
    assert BoundedPaginator(AuditEntry.objects.order_by("-pk"), 50).count == LISTED_AT_MOST
    page = staff_client.get(address(AuditEntry), {"p": LISTED_AT_MOST // 50})
    assert page.status_code == 200
    assert "The first 1000." in page.content.decode()


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (DeadLetter, "?state__exact=open&failure_code=invalid_media&age=hour"),
        (DeadLetter, "?q=ref-1234"),
        (Job, "?stage=transcribe&failure_code=&queue=short"),
        (Job, "?q=ref-1234"),
        (Attempt, "?q=ref-1234&failure_code=invalid_media"),
        (Event, "?type=stage"),
    ],
)
def test_what_is_looked_for_is_found(world, staff_client, model, query):
    assert len(staff_client.get(address(model) + query).context["cl"].result_list) >= 1


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (DeadLetter, "?age=older"),
        (DeadLetter, "?q=ref-9999"),
        (Job, "?failure_code=disk_full"),
        (Event, "?type=completed"),
    ],
)
def test_what_is_not_there_is_not_found(world, staff_client, model, query):
    assert len(staff_client.get(address(model) + query).context["cl"].result_list) == 0


def test_a_list_is_called_as_people_call_it():
    odd = re.compile(r"[^aeiou]ys$|ss$|evidences")
    assert odd.search("audit entrys")
    assert odd.search("text metricss")
    plurals = [str(model._meta.verbose_name_plural) for model in MODELS]
    assert not [plural for plural in plurals if odd.search(plural)]


def test_a_list_leads_from_each_row_to_the_rows_it_names(world, staff_client):
    job = Job.objects.get(stage="evaluate")
    jobs_listed = staff_client.get(address(Job), {"q": str(job.public_id)}).content.decode()
    assert address(Session, "change", world.pk) in jobs_listed
    assert address(type(job.run), "change", job.run_id) in jobs_listed
    assert address(Candidate, "change", world.candidate_id) in (
        staff_client.get(address(Session)).content.decode()
    )


def test_a_row_leads_to_the_lists_of_what_belongs_to_it(world, staff_client):
    run = world_run = Job.objects.get(stage="evaluate").run
    page = staff_client.get(address(Session, "change", world.pk))
    urls = {each.label: each.url for each in page.context["neighbours"]}
    assert {"Jobs", "Runs", "Recordings", "Responses", "Consent records"} <= set(urls)
    found = staff_client.get(urls["Runs"])
    assert list(found.context["cl"].result_list) == [world_run]
    assert "Only those whose subject id is" in found.content.decode()
    of_run = {each.label: each.url for each in neighbours_of(staff_client, run)}
    jobs_of_run = staff_client.get(of_run["Jobs"]).context["cl"].result_list
    assert set(jobs_of_run) == set(run.jobs.all())


def neighbours_of(client, row):
    return client.get(address(type(row), "change", row.pk)).context["neighbours"]


def test_every_list_of_neighbours_opens(world, staff_client):
    for model in MODELS:
        row = model._default_manager.order_by("pk").first()
        for each in neighbours_of(staff_client, row) if row else ():
            answer = staff_client.get(each.url)
            assert answer.status_code == 200, (model, each)


@pytest.mark.parametrize("nonsense", ["x", "9" * 40, "' OR 1=1", str(uuid.UUID(int=3))])
def test_a_list_narrowed_by_nonsense_shows_nothing_and_breaks_nothing(
    world, staff_client, nonsense
):
    for model, name in ((Job, "run"), (Job, "subject_id"), (Attempt, "job"), (Session, "version")):
        answer = staff_client.get(address(model), {name: nonsense}, follow=True)
        assert answer.status_code == 200
        assert str(model._meta.verbose_name_plural) in answer.content.decode().lower()


# --- personal data ------------------------------------------------------------------------


def test_only_the_candidates_own_page_tells_who_she_is(world, staff_client):
    for model in MODELS:
        pages = [address(model)]
        if model is not Candidate:
            pages += [address(model, "change", row.pk) for row in model._default_manager.all()[:3]]
        for page in pages:
            text = staff_client.get(page).content.decode()
            assert "carol@example.org" not in text
            assert "Carol Candidate" not in text
    page = staff_client.get(address(Candidate, "change", world.candidate_id))
    assert "carol@example.org" in page.content.decode()


def test_opening_a_candidate_is_written_down(world, acme, sam, staff_client):
    staff_client.get(address(Candidate, "change", world.candidate_id))
    entry = AuditEntry.objects.get(action="candidate.opened")
    assert (entry.actor, entry.organization) == (f"member:{sam.pk}", acme)
    assert entry.subject_id == str(world.candidate_id)
    staff_client.get(address(Candidate), {"q": "carol"})
    searched = AuditEntry.objects.get(action="candidate.searched")
    assert "carol" not in str(searched.detail)


def test_opening_what_a_reviewer_wrote_is_written_down(world, acme, staff_client):
    card = Scorecard.objects.get()
    assert "Why so?" in staff_client.get(address(Scorecard, "change", card.pk)).content.decode()
    entry = AuditEntry.objects.get(action="scorecard.opened")
    assert (entry.subject_id, entry.organization) == (str(card.pk), acme)


def test_a_superuser_switches_an_account_off_and_it_is_written_down(
    alice, sam, signed_in, staff_client
):
    page = address(User, "change", alice.pk)
    assert staff_client.post(page, {"name": "Alice"}).status_code == 403
    User.objects.filter(pk=sam.pk).update(is_superuser=True)
    assert staff_client.post(page, {"name": "Alice"}).status_code == 302
    alice.refresh_from_db()
    assert not alice.is_active
    assert alice.check_password(factories.PASSWORD)
    entry = AuditEntry.objects.get(action="user.changed")
    assert entry.subject_id == str(alice.pk)
    assert staff_client.post(address(User, "change", sam.pk), {"name": "S"}).status_code == 403


# --- what staff do ------------------------------------------------------------------------


def dead(lab):
    """A run whose transcription died for want of a model, which is there now."""
    gone = ["config_missing"]

    def behave(*_):
        if gone:
            raise StageFailure(gone.pop())

    lab.line(transcribe=behave)
    run, _ = lab.finished(recordings=1)
    return run, job_of("transcribe")


def act(name, *chosen, **more):
    return {"action": name, "_selected_action": [str(row.pk) for row in chosen], **more}


CONFIRMED = {"confirm": "yes", "reason": "the model is installed now"}


@pytest.mark.parametrize("of", [Job, DeadLetter])
def test_a_retry_asks_first_then_really_runs_the_job(lab, staff_client, sam, of):
    _, job = dead(lab)
    row = job if of is Job else DeadLetter.objects.get()
    asked = staff_client.post(address(of), act("retry", row))
    assert asked.status_code == 200
    assert "1 is ready for it." in asked.content.decode()
    job.refresh_from_db()
    assert job.state == Job.State.DEAD
    answer = staff_client.post(address(of), act("retry", row, **CONFIRMED))
    assert answer.status_code == 302
    assert jobs.run_due() > 0
    job.refresh_from_db()
    assert (job.state, job.outcome) == (Job.State.DONE, Job.Outcome.COMPLETED)
    assert DeadLetter.objects.get().state == DeadLetter.State.RESOLVED
    entry = AuditEntry.objects.get(action="job.redriven")
    assert entry.actor == f"member:{sam.pk}"
    assert entry.detail["reason"] == CONFIRMED["reason"]


@pytest.mark.parametrize("reason", [None, "", "  ", "x" * 301])
def test_nothing_happens_without_a_reason(lab, staff_client, reason):
    _, job = dead(lab)
    confirmed = {"confirm": "yes"} | ({} if reason is None else {"reason": reason})
    answer = staff_client.post(address(Job), act("retry", job, **confirmed))
    assert answer.status_code == 200
    assert answer.context["form"].errors
    job.refresh_from_db()
    assert job.state == Job.State.DEAD
    assert not AuditEntry.objects.filter(action="job.redriven").exists()


def test_nothing_happens_by_get(lab, staff_client):
    _, job = dead(lab)
    staff_client.get(address(Job), act("retry", job, **CONFIRMED))
    job.refresh_from_db()
    assert job.state == Job.State.DEAD


def test_actions_are_guarded_against_forgery(lab, sam):
    _, job = dead(lab)
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    answer = client.post(address(Job), act("retry", job, **CONFIRMED))
    assert answer.status_code == 403
    job.refresh_from_db()
    assert job.state == Job.State.DEAD


def test_cancelling_stops_what_waits_and_leaves_the_rest(lab, staff_client):
    lab.line()
    lab.open(recordings=2)
    jobs.run_due(limit=1)
    done = Job.objects.get(state=Job.State.DONE)
    waiting = list(Job.objects.filter(state=Job.State.WAITING))
    chosen = [done, *waiting]
    asked = staff_client.post(address(Job), act("cancel", *chosen)).content.decode()
    assert f"{len(waiting)} are ready for it." in asked
    assert "1 of your selection is in another state" in asked
    staff_client.post(address(Job), act("cancel", *waiting, **CONFIRMED))
    assert set(
        Job.objects.filter(pk__in=[j.pk for j in waiting]).values_list("state", flat=True)
    ) == {"cancelled"}
    done.refresh_from_db()
    assert done.state == Job.State.DONE
    entries = AuditEntry.objects.filter(action="job.cancelled")
    assert entries.count() == len(waiting)
    assert {entry.detail["reason"] for entry in entries} == {CONFIRMED["reason"]}


def test_what_waits_can_be_put_before_others_held_back_and_started(lab, staff_client):
    lab.line()
    lab.open(recordings=1)
    job = Job.objects.get()

    def do(action):
        staff_client.post(address(Job), act(action, job, **CONFIRMED))
        job.refresh_from_db()

    for action, priority in (("before_others", 50), ("after_others", 200), ("usual_place", 100)):
        do(action)
        assert job.priority == priority
    do("wait_an_hour")
    assert jobs.run_due() == 0
    do("start_now")
    assert jobs.run_due(limit=1) == 1
    do("before_others")
    assert (job.state, job.priority) == (Job.State.DONE, Job.Priority.NORMAL)


def test_what_changed_meanwhile_is_counted_and_left(lab, staff_client):
    _, job = dead(lab)
    jobs.redrive(job_id=job.public_id, actor="member:1", now=timezone.now())
    answer = staff_client.post(address(Job), act("retry", job, **CONFIRMED), follow=True)
    assert "Only a failed step can be retried." in answer.content.decode()


def test_a_discarded_letter_leaves_the_open_ones_with_its_reason(lab, staff_client):
    _, job = dead(lab)
    letter = DeadLetter.objects.get()
    staff_client.post(address(DeadLetter), act("discard", letter))
    letter.refresh_from_db()
    assert letter.state == DeadLetter.State.OPEN
    staff_client.post(address(DeadLetter), act("discard", letter, **CONFIRMED))
    letter.refresh_from_db()
    assert letter.state == DeadLetter.State.DISCARDED
    entry = AuditEntry.objects.get(action="dead_letter.discarded")
    assert entry.detail["reason"] == CONFIRMED["reason"]
    assert entry.organization == lab.organization
    again = staff_client.post(address(DeadLetter), act("discard", letter, **CONFIRMED), follow=True)
    assert "Only an open dead letter can be discarded." in again.content.decode()
    job.refresh_from_db()
    assert job.state == Job.State.DEAD


@pytest.mark.parametrize("chosen", ["no-id", "", "1; drop table", str(uuid.UUID(int=9)), "9" * 40])
def test_ids_that_are_none_do_nothing(lab, staff_client, chosen):
    dead(lab)
    for model, name in ((Job, "retry"), (DeadLetter, "discard")):
        data = {"action": name, "_selected_action": [chosen], **CONFIRMED}
        assert staff_client.post(address(model), data).status_code in (200, 302)
    assert DeadLetter.objects.get().state == DeadLetter.State.OPEN


# --- pages of our own ---------------------------------------------------------------------


def test_a_job_s_page_tells_what_happened_to_it(lab, staff_client):
    run, job = dead(lab)
    Attempt.objects.filter(job=job).update(traceback="Traceback: here", delay_s=2.5)
    text = staff_client.get(address(Job, "change", job.pk)).content.decode()
    attempt = job.attempt_rows.get()
    failure = staff.failures.by_code("config_missing")
    for told in (attempt.worker, attempt.support_reference, "Traceback: here", "2.5 s"):
        assert told in text
    assert failure.suggestion in text.replace("&#x27;", "'")
    assert address(type(run), "change", run.pk) in text
    assert 'value="retry"' in text
    assert 'value="cancel"' not in text


def test_a_job_s_page_leads_to_the_session(world, staff_client):
    job = Job.objects.get(stage="evaluate")
    text = staff_client.get(address(Job, "change", job.pk)).content.decode()
    key = world.version.interview.key
    assert reverse("session_results", args=(key, world.pk)) in text
    assert reverse("admin:interviews_session_change", args=(world.pk,)) in text


def test_a_job_s_page_has_as_many_queries_for_many_attempts_as_for_one(lab, staff_client):
    _, job = dead(lab)
    page = address(Job, "change", job.pk)
    staff_client.get(page)
    with CaptureQueriesContext(connection) as few:
        staff_client.get(page)
    now = timezone.now()
    Attempt.objects.bulk_create(
        Attempt(job=job, token=n, worker="w", started_at=now, failure_code="disk_full")
        for n in range(10, 20)
    )
    with CaptureQueriesContext(connection) as many:
        staff_client.get(page)
    assert len(many) == len(few)


def test_the_index_says_first_what_needs_a_look(lab, staff_client):
    dead(lab)
    text = staff_client.get("/admin/").content.decode()
    assert "1 \u00d7 config_missing" in text
    assert "Something needs a look." in text
    assert "No worker has reported." in text
    assert "1 open" in text


def test_the_index_counts_jobs_by_state(lab):
    dead(lab)
    counts = {state.state: state.count for state in staff.overview(timezone.now()).jobs}
    assert counts == {"waiting": 0, "running": 0, "done": 3, "dead": 1, "cancelled": 0}
    later = timezone.now() + timedelta(days=2)
    assert sum(state.count for state in staff.overview(later).jobs) == 0


def use(organization, quantity, cost=None, *, kind="audio_s", days_ago=0):
    entry = UsageEntry.objects.create(
        organization=organization,
        kind=kind,
        quantity=quantity,
        cost_usd=cost,
        provider="openai",
        subject_kind="session",
        subject_id=uuid.uuid4(),
    )
    UsageEntry.objects.filter(pk=entry.pk).update(at=timezone.now() - timedelta(days=days_ago))


def test_usage_is_summed_by_organization_and_kind(acme, staff_client):
    use(acme, 60, "0.5")
    use(acme, 30)
    use(acme, 1, kind="tokens_in", days_ago=31)
    use(factories.make_organization("Rival"), 1)
    report = usage.usage_report(timezone.now(), days=30)
    ours, theirs = report.by_organization
    assert (ours.organization, ours.amount.quantity, ours.amount.entries) == ("Acme", 90, 2)
    assert (str(ours.amount.cost_usd)[:3], ours.amount.unpriced) == ("0.5", 1)
    assert (theirs.organization, theirs.amount.cost_usd) == ("Rival", None)
    assert (str(report.cost_usd)[:3], report.unpriced) == ("0.5", 2)
    text = staff_client.get("/admin/usage/").content.decode()
    assert "no price known" in text
    assert "2 entries have no price and are not in it." in text
    assert "tokens_in" not in text
    assert "tokens_in" in staff_client.get("/admin/usage/?days=90").content.decode()


def test_usage_is_summed_by_day_and_kind_and_of_one_organization(acme, staff_client):
    rival = factories.make_organization("Rival")
    use(acme, 10, days_ago=2)
    use(rival, 5, days_ago=2)
    use(acme, 1)
    days = usage.usage_report(timezone.now(), days=7).by_day
    today = timezone.localdate()
    assert [(day.on, day.amount.quantity, day.amount.cost_usd) for day in days] == [
        (today, 1, None),
        (today - timedelta(days=2), 15, None),
    ]
    page = staff_client.get("/admin/usage/", {"days": 7, "organization": str(rival.pk)})
    assert [day.amount.quantity for day in page.context["report"].by_day] == [5]
    assert page.context["report"].organization == "Rival"
    assert "Nothing that was used here has a price." in page.content.decode()


@pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 40, "<b>"])
def test_a_choice_of_usage_that_is_none_is_the_usual_one(acme, staff_client, nonsense):
    page = staff_client.get("/admin/usage/", {"days": nonsense, "organization": nonsense})
    report = page.context["report"]
    assert (report.days, report.organization) == (30, "")


def test_the_usage_page_asks_as_much_for_many_entries_as_for_one(acme, staff_client):
    use(acme, 1)
    queries_of(staff_client, "/admin/usage/")
    few = queries_of(staff_client, "/admin/usage/")
    for n in range(MANY):
        use(factories.make_organization(f"Rival {n}"), 1, days_ago=n % 20)
    assert len(queries_of(staff_client, "/admin/usage/")) == len(few)


def test_the_index_tells_what_waits_in_each_queue(lab, staff_client):
    lab.line()
    lab.open(recordings=2)
    text = staff_client.get("/admin/").content.decode()
    assert re.search(r"<th scope=.row.>short</th>\s*<td class=.number.>[1-9]", text)


def test_the_admin_s_accent_is_that_of_every_other_page():
    accent = re.compile(r"--accent: (.+);")
    pages = (ROOT / "static/css" / name for name in ("tokens.css", "admin.css"))
    tokens, here = (accent.search(page.read_text()).group(1) for page in pages)
    assert tokens == here


def test_a_run_that_is_on_no_board_has_no_page_to_lead_to():
    assert subjects.page_of("session", uuid.uuid4(), "") == ""
    assert subjects.page_of("session", uuid.uuid4(), "key") != ""
