"""Pages: a scorecard written, saved, met by another window, submitted, amended; and on paper."""

import re

import pytest

from analysis.models import Scorecard
from interviews.models import Assignment
from tests import factories
from tests.analysis import rows
from tests.analysis.pages import page_of, squeezed

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
HOSTILE = "</textarea><script>alert(1)</script>"


@pytest.fixture
def ready(interview, rita):
    """A session to judge, assigned to rita."""
    session, _, _ = rows.ready_session(interview)
    Assignment.objects.create(session=session, member=rita.membership)
    return session


@pytest.fixture
def writer(rita, signed_in):
    """Rita's browser."""
    return signed_in(rita)


def typed(session, level="4", edit=0, **more):
    rubric = session.version.questions.first().competencies.get().rubric_id
    marks = {f"level-{rubric}": level, f"note-{rubric}": "Found the cause."}
    return {"edit_number": edit, "note": "Calm.", "recommendation": "yes"} | marks | more


def save(client, session, *, headers=None, **fields):
    return client.post(page_of(session, "scorecard/"), typed(session, **fields), headers=headers)


# --- writing -------------------------------------------------------------------------------------
def test_the_page_shows_every_anchor_beside_its_level(ready, writer):
    page = squeezed(writer.get(page_of(ready)))
    choices = re.findall(r'type="radio" name="level-[^"]+" value="(\w*)"', page)
    assert choices == ["1", "2", "3", "4", "5", "insufficient", ""]
    assert "Names a task but no own action or result." in page
    assert "data-scorecard" in page


def test_without_script_save_brings_one_back_and_shows_what_was_saved(ready, writer):
    answer = save(writer, ready)
    assert answer.status_code == 302
    assert answer["Location"] == page_of(ready) + "#scorecard"
    page = squeezed(writer.get(page_of(ready)))
    assert re.search(r'value="4" checked', page)
    assert "&#10;Found the cause.</textarea>" in page
    assert '<option value="yes" selected>' in page


def test_script_gets_the_next_edit_number(ready, writer):
    assert save(writer, ready, headers=JSON).json() == {"edit_number": 1, "notice": ""}
    assert save(writer, ready, headers=JSON, edit=1).json()["edit_number"] == 2


def test_another_window_s_text_is_shown_beside_one_s_own_and_either_can_win(ready, writer):
    save(writer, ready, headers=JSON)
    late = save(writer, ready, headers=JSON, level="2", note="Slow.")
    assert late.status_code == 409
    assert late.json()["edit_number"] == 1
    for words in ("Slow.", "Calm.", "Problem solving", 'name="over" value="1"'):
        assert words in late.json()["notice"], words
    assert save(writer, ready, headers=JSON, level="2", note="Slow.", over="1").status_code == 200
    assert Scorecard.objects.get().note == "Slow."


def test_the_same_text_from_another_window_is_no_conflict(ready, writer):
    save(writer, ready, headers=JSON)
    assert save(writer, ready, headers=JSON).json() == {"edit_number": 1, "notice": ""}


def test_without_script_a_conflict_keeps_what_was_typed_on_a_page_of_its_own(ready, writer):
    save(writer, ready)
    late = save(writer, ready, level="2", note="Slow.")
    assert late.status_code == 409
    page = squeezed(late)
    assert "&#10;Slow.</textarea>" in page
    assert "changed in another window" in page
    assert re.search(r'value="2" checked', page)


def test_wrong_input_is_told_and_kept(ready, writer):
    answer = save(writer, ready, note="x" * 5001)
    assert answer.status_code == 400
    page = squeezed(answer)
    assert "Not saved. Summary: Ensure this value has at most 5000 characters" in page
    assert "x" * 5001 in page
    assert not Scorecard.objects.exists()
    assert save(writer, ready, level="9").status_code == 400


def test_what_a_reviewer_writes_is_never_markup(ready, writer):
    save(writer, ready, note=HOSTILE)
    late = save(writer, ready, headers=JSON, note=HOSTILE + "2")
    assert "<script>alert" not in squeezed(writer.get(page_of(ready)))
    assert "<script>alert" not in late.json()["notice"]


# --- submitting ----------------------------------------------------------------------------------
def submit(client, session, edit=1, **more):
    return client.post(page_of(session, "scorecard/submit/"), {"edit_number": edit, **more})


def test_submitting_asks_first_and_says_what_is_missing(ready, writer, acme):
    second = factories.make_rubric(acme, "Working with others")
    ready.version.questions.last().competencies.create(rubric=second)
    answer = save(writer, ready, then="submit")
    assert answer["Location"] == page_of(ready, "scorecard/submit/")
    page = squeezed(writer.get(answer["Location"]))
    assert "<li>Working with others</li>" in page
    assert 'name="accepts_missing" value="1"' in page
    submit(writer, ready)
    assert Scorecard.objects.get().state == "draft"
    submit(writer, ready, accepts_missing="1")
    assert Scorecard.objects.get().state == "submitted"
    page = squeezed(writer.get(page_of(ready)))
    assert "data-scorecard " not in page
    assert "What reviewers say" in page


def test_nothing_rated_can_t_be_submitted(ready, writer):
    save(writer, ready, level="")
    page = squeezed(writer.get(page_of(ready, "scorecard/submit/")))
    assert "nothing to submit" in page
    assert "submit-for-good" not in page


def test_a_window_left_open_over_the_submission_loses_no_text(ready, writer):
    save(writer, ready)
    submit(writer, ready)
    late = save(writer, ready, edit=1, note="One more thought.")
    assert late.status_code == 409
    assert "One more thought." in squeezed(late)
    assert "is submitted" in squeezed(late)


def test_judging_again_shows_the_reason_beside_both(ready, writer):
    save(writer, ready)
    submit(writer, ready)
    writer.post(page_of(ready, "scorecard/amend/"), {"reason": " "})
    assert Scorecard.objects.count() == 1
    writer.post(page_of(ready, "scorecard/amend/"), {"reason": "A slip of mine."})
    page = squeezed(writer.get(page_of(ready)))
    assert "You are judging again: “A slip of mine.”" in page
    save(writer, ready, edit=2, level="3")
    submit(writer, ready, edit=3)
    page = squeezed(writer.get(page_of(ready)))
    assert "Rita, before judging again" in page
    assert page.count("A slip of mine.") == 2  # her own, and in the panel


def test_somebody_not_assigned_can_begin_and_go_back(ready, alice, signed_in):
    client = signed_in(alice)
    assert "Write a scorecard" in squeezed(client.get(page_of(ready)))
    client.post(page_of(ready, "scorecard/begin/"))
    assert "Judge for yourself first" in squeezed(client.get(page_of(ready)))
    client.post(page_of(ready, "scorecard/discard/"))
    assert "What software suggests" in squeezed(client.get(page_of(ready)))


def test_a_session_still_being_answered_has_no_scorecard(session, alice, signed_in):
    page = squeezed(signed_in(alice).get(page_of(session)))
    assert "Your scorecard" not in page
    assert "Write a scorecard" not in page


# --- on paper ------------------------------------------------------------------------------------
def test_the_print_view_opens_everything_and_plays_nothing(ready, alice, signed_in):
    page = squeezed(signed_in(alice).get(page_of(ready, "print/")))
    for words in (
        "I asked the customer for the log.",
        "<strong>0:04</strong>",  # of a quote
        "It needs at least two sentences.",
        "Names a task but no own action or result.",
    ):
        assert words in re.sub(r"</?mark>", "", page), words
    assert not re.search(r"<(audio|video|details(?! open))", page)


def test_what_is_hidden_is_not_printed(ready, writer):
    page = squeezed(writer.get(page_of(ready, "print/")))
    assert "She says what she did" not in page
    assert "<mark>" not in page
    assert "Judge for yourself first" in page
