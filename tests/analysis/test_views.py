"""Pages: the live board and a session's results, in every state."""

import re

import pytest

from interviews.models import Assignment, Response, Session
from ops.models import Job, Run
from tests import factories
from tests.analysis import rows
from tests.analysis.pages import board_of, lose, page_of, squeezed, with_run

pytestmark = pytest.mark.django_db
HOSTILE = 'I said "stop" & <script>alert(1)</script> then </span> it was done.'


# --- the board -----------------------------------------------------------------------------------
def test_an_empty_board_says_what_comes_next(interview, look):
    invite = f"/interviews/{interview.key}/invite/"
    page = look(board_of(interview))
    assert "Invite a candidate. As soon as the link is opened" in page
    assert invite in page
    interview.state = "draft"
    interview.save(update_fields=["state"])
    page = look(board_of(interview))
    assert "not published" in page
    assert invite not in page


def test_the_board_shows_a_session_while_it_is_processed(interview, look):
    session, recordings, _ = rows.ready_session(interview)
    rows.finish(session, state=Session.State.PROCESSING)
    running = {"state": Job.State.RUNNING, "outcome": "", "progress": 0.5}
    run = with_run(
        session,
        recordings,
        state=Run.State.OPEN,
        percent=41.5,
        jobs={("transcribe", recordings[1].pk): running},
    )
    page = look(board_of(interview))
    assert f'data-run="{run.pk}"' in page
    assert 'value="41.5"' in page
    assert "Transcribe 1/2: running" in page
    assert "Heron 42" in page
    assert "2 of 2 questions answered" in page


def test_the_board_sums_up_what_is_ready(interview, look):
    rows.ready_session(interview)
    page = look(board_of(interview))
    assert "Ready for review" in page
    assert "<strong>4.0</strong> of 5" in page
    assert "<progress" not in page


def test_the_board_offers_to_try_a_dead_step_again_to_those_who_may(
    interview, look, rita, signed_in
):
    session, recordings, _ = rows.ready_session(interview)
    run = lose(session, recordings, recordings[:1])
    dead = run.jobs.get(state=Job.State.DEAD)
    retry = f'action="{page_of(session, f"jobs/{dead.public_id}/retry/")}"'
    page = look(board_of(interview))
    assert retry in page
    assert "ref-1234" in page
    Assignment.objects.create(session=session, member=rita.membership)
    seen = squeezed(signed_in(rita).get(board_of(interview)))
    assert "ref-1234" in seen
    assert retry not in seen


def test_a_refreshed_row_is_the_row_of_the_board(interview, look):
    session, _, _ = rows.ready_session(interview)
    assert look(page_of(session, "row/")) in look(board_of(interview))
    assert look(board_of(interview, "rows/")) in look(board_of(interview))


def test_an_older_page_of_the_board_stays_itself_when_it_is_refreshed(interview, look, monkeypatch):
    monkeypatch.setattr("analysis.boards.BOARD_ROWS", 1)
    factories.make_session(interview, alias="Tern 1")
    factories.make_session(interview, alias="Tern 2")
    newest = look(board_of(interview))
    (mark,) = re.findall(r"\?before=([0-9a-f-]{36})", newest)
    older = look(board_of(interview), before=mark)
    assert "Tern 2" in newest
    assert "Tern 1" not in newest
    assert "Tern 1" in older
    assert "Tern 2" not in older
    (refreshed,) = re.findall(r'hx-get="([^"]+/rows/[^"]*)"', older)
    assert "Tern 1" in look(refreshed)


def test_a_page_that_no_board_has_is_not_found(interview, alice, signed_in):
    assert signed_in(alice).get(board_of(interview), {"before": "x"}).status_code == 404


# --- a session's page ----------------------------------------------------------------------------
def test_before_anything_was_answered_the_page_says_so(session, look):
    assert "No answers yet" in look(page_of(session))
    assert "Process again" not in look(page_of(session))


def test_a_session_submitted_empty_says_so(session, look):
    rows.finish(session)
    assert "Nothing was answered" in look(page_of(session))


def test_a_ready_session_plays_its_evidence(interview, look):
    session, (recording, _), _ = rows.ready_session(interview)
    page = look(page_of(session))
    assert "Ready for review" in page
    assert f"/recordings/{recording.pk}/play" in page
    assert 'data-seek-ms="4800"' in page
    assert "w w--quoted" in page
    assert factories.ANCHORS[4] in page
    assert "It needs at least two sentences." in page  # why there is no readability
    assert "[1.2 s pause]" in page
    assert "Carol" not in page


def test_a_video_has_its_poster_and_captions(interview, look):
    session, (recording, _), _ = rows.ready_session(interview, mode="video")
    page = look(page_of(session))
    tail = f"recordings/{recording.pk}/"
    assert f'poster="{page_of(session, tail)}poster"' in page
    assert f'src="{page_of(session, tail)}captions.vtt"' in page


def test_a_session_in_process_shows_its_steps_and_can_be_stopped(interview, look):
    session, recordings, _ = rows.ready_session(interview)
    rows.finish(session, state=Session.State.PROCESSING)
    waiting = {"state": Job.State.WAITING, "outcome": "", "progress": 0, "attempts": 2}
    waiting["failure_code"] = "network_timeout"
    run = with_run(
        session,
        recordings,
        state=Run.State.OPEN,
        percent=60.0,
        jobs={("transcribe", recordings[0].pk): waiting},
    )
    page = look(page_of(session))
    assert f'data-run="{run.pk}" data-open="1"' in page
    assert f'action="{page_of(session, f"runs/{run.pk}/cancel/")}"' in page
    assert "Transcribe: trying again · attempt 2" in page
    assert "We try again at" in page
    assert "Start over" not in page  # it would only give the open run


def test_one_dead_transcription_among_five_leaves_the_others_whole(five, look):
    session, recordings = five
    run = lose(session, recordings, [recordings[2]])
    dead = run.jobs.get(state=Job.State.DEAD)
    page = look(page_of(session))
    assert page.count('<ol class="passages"') == 4
    assert page.count("notice--error stack") == 1
    assert "Transcribe · question 3" in page
    assert f'action="{page_of(session, f"jobs/{dead.public_id}/retry/")}"' in page
    for recording in recordings:
        assert f"/recordings/{recording.pk}/play" in page  # what was said can still be heard


def test_where_trying_again_can_t_help_it_is_not_offered_and_the_reviewer_is_told(five, look):
    session, recordings = five
    lose(session, recordings, [recordings[2]], code="invalid_media")
    for page in (look(page_of(session)), look(board_of(session.version.interview))):
        assert "Trying again can't help." in page
        assert "Judge the other answers" in page
        assert "/retry/" not in page
        assert "Record the answer again" not in page  # that is for the candidate


def test_with_every_transcription_dead_the_answers_can_still_be_heard(five, look):
    session, recordings = five
    lose(session, recordings, recordings)
    page = look(page_of(session))
    assert '<ol class="passages"' not in page
    assert page.count('/play"') == 5
    assert page.count("We have stopped trying by ourselves.") == 5


def test_a_session_of_typed_answers_is_read_with_its_quotes(interview, look):
    session = factories.make_session(interview)
    rater = rows.add_rater(session)
    for response in session.responses.select_related("question"):
        rows.add_typed_answer(response, rows.SPOKEN)
        rows.rate(response, rater, is_spoken=False)
    rows.finish(session)
    rows.add_run(session, [])
    page = look(page_of(session))
    assert page.count('<p class="typed"') == 2
    assert "w w--quoted" in page
    assert "data-seek-ms" not in page
    assert "<audio" not in page


def test_where_the_candidate_refused_analysis_people_are_told_to_judge(interview, look):
    session = factories.make_session(interview)
    factories.give_consent(session, "ai_analysis", granted=False)
    recording = rows.add_recorded_answer(session.responses.first())
    skipped = {"outcome": Job.Outcome.SKIPPED, "reason": "The candidate did not agree to it."}
    rows.add_run(session, [recording], jobs={("evaluate", None): skipped})
    rows.finish(session)
    page = look(page_of(session))
    assert "Nothing was rated by software" in page
    assert "The candidate did not agree to it. Read and hear the answers" in page
    assert '<ol class="passages"' in page


def test_insufficient_evidence_is_said_and_never_a_number(interview, look):
    session = factories.make_session(interview)
    response = session.responses.first()
    rows.add_recorded_answer(response)
    rows.rate(response, rows.add_rater(session), level=None)
    rows.finish(session)
    page = look(page_of(session))
    assert page.count("Insufficient evidence") == 2
    assert "of 5, weighted mean" not in page


def test_a_refused_recording_says_why_and_has_no_player(interview, look):
    session = factories.make_session(interview)
    recording = rows.add_recorded_answer(session.responses.first(), transcribed=False)
    recording.state, recording.failure_code = "refused", "no_audio_track"
    recording.save(update_fields=["state", "failure_code"])
    rows.finish(session)
    page = look(page_of(session))
    assert "<audio" not in page
    assert "notice--error" in page


# --- what a candidate says is text ---------------------------------------------------------------
@pytest.mark.parametrize("kind", ["spoken", "typed"])
def test_what_the_candidate_says_is_never_markup(interview, look, kind):
    session = factories.make_session(interview, alias="<b>Heron</b>")
    response = session.responses.select_related("question").first()
    if kind == "spoken":
        rows.add_recorded_answer(response, text=HOSTILE)
    else:
        rows.add_typed_answer(response, HOSTILE)
    rows.rate(response, rows.add_rater(session), text=HOSTILE, quote=HOSTILE[:45])
    Response.objects.filter(pk=response.pk).update(state="submitted")
    rows.finish(session)
    for url in (page_of(session), board_of(interview)):
        page = look(url)
        assert "alert(1)</script>" not in page
        assert "<b>Heron" not in page
    page = look(page_of(session))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&quot;stop&quot;" in page
    shown = "".join(re.findall(r'data-end="\d+"[^>]*>([^<]*)</span>', page))
    assert shown.count("&lt;script&gt;") == 1


def test_captions_carry_no_markup(interview, alice, signed_in):
    session = factories.make_session(interview)
    recording = rows.add_recorded_answer(session.responses.first(), text=HOSTILE)
    answer = signed_in(alice).get(page_of(session, f"recordings/{recording.pk}/captions.vtt"))
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert "<script" not in answer.content.decode()
    assert "alert(1)" in answer.content.decode()


@pytest.mark.parametrize("tail", ["", "progress/", "row/"])
def test_pages_have_no_inline_script_style_or_handler(five, look, tail):
    session, recordings = five
    lose(session, recordings, recordings[:1])
    page = look(page_of(session, tail)) + look(board_of(session.version.interview))
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    ids = re.findall(r'\sid="([^"]+)"', look(page_of(session)))
    assert len(ids) == len(set(ids))
