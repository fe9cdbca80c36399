"""Pages: what they cost, who may see them, and who may send their forms."""

import uuid

import pytest
from django.test import Client

from interviews.models import Assignment
from ops.models import Job, Run
from recordings.models import UrlGrant
from recordings.storage import forbidden_storage
from tests import factories
from tests.analysis import rows
from tests.analysis.pages import board_of, lose, page_of, squeezed

pytestmark = pytest.mark.django_db


# --- what a page costs ---------------------------------------------------------------------------
def test_a_page_of_twenty_recordings_costs_as_many_queries_as_one_of_one(acme, queries_of):
    small, _, _ = rows.ready_session(factories.make_interview(acme, questions=rows.TWENTY[:1]))
    large, recordings, _ = rows.ready_session(rows.second_interview(acme), alias="Heron 43")
    assert len(recordings) == 20
    for tail in ("", "progress/"):
        assert queries_of(page_of(small, tail)) == queries_of(page_of(large, tail)) <= 25


def test_a_board_of_twenty_sessions_costs_as_many_queries_as_one_of_one(interview, queries_of):
    session, _, _ = rows.ready_session(interview)
    one = queries_of(board_of(interview))
    for number in range(19):
        rows.ready_session(interview, alias=f"Robin {number}", answers=1)
    assert queries_of(board_of(interview)) == one <= 17
    assert queries_of(page_of(session, "row/")) <= 16


def test_no_page_touches_storage_or_issues_a_url(interview, look):
    session, (recording, _), _ = rows.ready_session(interview, mode="video")
    with forbidden_storage():
        for url in (board_of(interview), page_of(session), page_of(session, "progress/")):
            look(url)
        look(page_of(session, f"recordings/{recording.pk}/captions.vtt"))
    assert not UrlGrant.objects.exists()


# --- who may see ---------------------------------------------------------------------------------
def every_page(session, recording):
    tails = ("", "row/", "progress/")
    files = ("poster", "captions.vtt")
    return (
        board_of(session.version.interview),
        board_of(session.version.interview, "rows/"),
        *(page_of(session, tail) for tail in tails),
        *(page_of(session, f"recordings/{recording.pk}/{name}") for name in files),
    )


def test_for_a_stranger_no_page_exists(interview, charlie, signed_in):
    session, (recording, _), _ = rows.ready_session(interview, mode="video")
    answers = [signed_in(charlie).get(url) for url in every_page(session, recording)]
    assert {answer.status_code for answer in answers} == {404}


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(interview, client):
    session, (recording, _), _ = rows.ready_session(interview, mode="video")
    for url in every_page(session, recording):
        answer = client.get(url)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={url}")
        assert "max-age=3600" not in answer.get("Cache-Control", "")


def test_a_reviewer_sees_a_session_once_it_is_assigned_to_her(interview, rita, signed_in):
    session, (recording, _), _ = rows.ready_session(interview, mode="video")
    client = signed_in(rita)
    urls = every_page(session, recording)
    assert {client.get(url).status_code for url in urls[2:]} == {404}
    Assignment.objects.create(session=session, member=rita.membership)
    assert {client.get(url).status_code for url in urls} == {200}
    page = squeezed(client.get(page_of(session)))
    assert "Process again" not in page
    assert page.count('method="post"') == 2  # signing out, and her scorecard


def test_a_poster_is_a_picture_and_is_kept_by_the_browser_alone(interview, alice, signed_in):
    session, (recording, _), _ = rows.ready_session(interview, mode="video")
    answer = signed_in(alice).get(page_of(session, f"recordings/{recording.pk}/poster"))
    assert answer["Content-Type"] == "image/jpeg"
    assert "private" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_poster_is_not_found_under_another_session(interview, alice, signed_in):
    session, _, _ = rows.ready_session(interview)
    _, (foreign, _), _ = rows.ready_session(interview, mode="video", alias="Robin 7")
    client = signed_in(alice)
    for name in ("poster", "captions.vtt"):
        url = page_of(session, f"recordings/{foreign.pk}/{name}")
        assert client.get(url).status_code == 404


# --- forms ---------------------------------------------------------------------------------------
@pytest.fixture
def forms(five):
    """{what: its address} for a session with a dead job in an open run."""
    session, recordings = five
    run = lose(session, recordings, recordings[:1])
    dead = run.jobs.get(state=Job.State.DEAD)
    return session, {
        "process": page_of(session, "process/"),
        "retry": page_of(session, f"jobs/{dead.public_id}/retry/"),
        "cancel": page_of(session, f"runs/{run.pk}/cancel/"),
    }


def state_of_work():
    runs = list(Run.objects.order_by("pk").values_list("pk", "state"))
    return runs, list(Job.objects.order_by("pk").values_list("pk", "state"))


def told(answer):
    """What the page says after a form was sent."""
    assert answer.redirect_chain
    return [str(message) for message in answer.context["messages"]]


def test_a_session_is_processed_again_by_its_form(forms, alice, signed_in):
    session, urls = forms
    answer = signed_in(alice).post(urls["process"], follow=True)
    assert answer.redirect_chain == [(page_of(session), 302)]
    assert told(answer) == ["Processing has started. This page follows it."]
    newest = Run.objects.latest("created_at")
    assert (newest.state, newest.options["force"]) == ("open", False)


def test_starting_over_asks_for_everything_anew(forms, alice, signed_in):
    signed_in(alice).post(forms[1]["process"], {"force": "1"})
    assert Run.objects.latest("created_at").options["force"] is True


def test_processing_too_early_is_explained(session, alice, signed_in):
    answer = signed_in(alice).post(page_of(session, "process/"), follow=True)
    assert told(answer) == ["This session can be processed once it has been submitted."]
    assert not Run.objects.exists()


def test_a_dead_step_is_tried_again_once(forms, alice, signed_in):
    client = signed_in(alice)
    assert told(client.post(forms[1]["retry"], follow=True)) == ["The step is being tried again."]
    assert not Job.objects.filter(state=Job.State.DEAD).exists()
    assert told(client.post(forms[1]["retry"], follow=True)) == [
        "Only a failed step can be retried."
    ]


def test_processing_is_stopped_and_what_was_done_is_kept(forms, alice, signed_in):
    Run.objects.update(state=Run.State.OPEN)
    before = Job.objects.filter(state=Job.State.DONE).count()
    assert told(signed_in(alice).post(forms[1]["cancel"], follow=True)) == [
        "Processing was stopped. What was done is kept."
    ]
    assert Run.objects.get().state == Run.State.CANCELLED
    assert Job.objects.filter(state=Job.State.DONE).count() == before


@pytest.mark.parametrize("form", ["process", "retry", "cancel"])
def test_nobody_but_those_who_design_changes_anything(
    forms, form, alice, rita, charlie, signed_in, client
):
    session, urls = forms
    before = state_of_work()
    assert client.post(urls[form])["Location"].startswith("/accounts/login/")
    assert signed_in(charlie).post(urls[form]).status_code == 404
    assert signed_in(rita).post(urls[form]).status_code == 404
    Assignment.objects.create(session=session, member=rita.membership)
    assert signed_in(rita).post(urls[form]).status_code == 403
    assert signed_in(alice).get(urls[form]).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(urls[form]).status_code == 403
    assert state_of_work() == before


def test_a_job_or_run_of_another_session_is_not_found_under_this_one(five, alice, signed_in):
    session, _ = five
    _, recordings, run = rows.ready_session(session.version.interview, alias="Robin 7")
    job = run.jobs.get(stage="transcribe", subject_id=recordings[0].pk)
    Job.objects.filter(pk=job.pk).update(state=Job.State.DEAD, failure_code="invalid_media")
    Run.objects.filter(pk=run.pk).update(state=Run.State.OPEN)
    before = state_of_work()
    client = signed_in(alice)
    for tail in (
        f"jobs/{job.public_id}/retry/",
        f"runs/{run.pk}/cancel/",
        f"jobs/{uuid.uuid4()}/retry/",
        f"runs/{uuid.uuid4()}/cancel/",
    ):
        assert client.post(page_of(session, tail)).status_code == 404
    assert state_of_work() == before
