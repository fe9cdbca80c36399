"""The demo is made by the product's own services, once, and never where passwords matter."""

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from analysis.demo import content
from analysis.demo.walk import WalkError, check_events
from analysis.demo.words import spoken_words, word_errors
from interviews.models import Interview, Invitation, Session
from interviews.services import find_invitation, start_session
from ops.models import Job, User

pytestmark = pytest.mark.django_db(transaction=True)


def seed(*arguments):
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out)
    return out.getvalue()


def link_of(printed):
    return re.search(r"/i/([\w-]+)/", printed).group(1)


def test_the_demo_candidate_has_answered_every_question_and_waits_for_the_workers():
    seed()
    session = Session.objects.get()
    assert session.submitted_at is not None
    assert list(session.responses.values_list("state", flat=True)) == ["submitted"] * 4
    assert session.recordings.count() == 3
    assert set(Job.objects.values_list("stage", "state")) == {("verify", "waiting")}


def test_a_second_start_keeps_what_is_there():
    seed()
    before = set(Session.objects.values_list("pk")), set(User.objects.values_list("pk"))
    seed()
    assert (set(Session.objects.values_list("pk")), set(User.objects.values_list("pk"))) == before
    assert Interview.objects.count() == 1


def test_the_printed_link_opens_the_interview_and_is_new_at_every_start():
    first, second = link_of(seed()), link_of(seed())
    assert find_invitation(token=first, now=timezone.now()) is None
    invitation = find_invitation(token=second, now=timezone.now())
    start_session(invitation=invitation, now=timezone.now())
    third = link_of(seed())
    assert find_invitation(token=second, now=timezone.now()) is not None
    assert find_invitation(token=third, now=timezone.now()).pk != invitation.pk


def test_a_password_that_was_changed_is_not_printed_as_the_demo_one():
    owner = content.PEOPLE[0].email
    assert re.search(rf"{owner} +{content.PASSWORD}", seed())
    user = User.objects.get(email=owner)
    user.set_password("something else entirely")
    user.save()
    assert not re.search(rf"{owner} +{content.PASSWORD}", seed())


def test_production_refuses_passwords_that_everybody_knows(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="passwords are public"):
        seed()
    assert not User.objects.exists()


def test_a_bare_demo_has_a_link_and_nobody_s_answers():
    ways_in = json.loads(seed("--bare"))
    assert Interview.objects.get().key == ways_in["interview_key"]
    invitation = find_invitation(token=ways_in["token"], now=timezone.now())
    assert invitation.expires_at > timezone.now() + timedelta(days=1)
    assert not Session.objects.exists()
    assert Invitation.objects.count() == 1


def test_every_spoken_answer_has_its_recording():
    spoken = [question for question in content.QUESTIONS if question.audio]
    assert len(spoken) == 3
    assert {file.name for file in content.AUDIO_DIR.glob("*.ogg")} == {q.audio for q in spoken}


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("Mr. Dashwood went home", "mister dashwood went home!", 0),
        ("cold-hearted", "cold hearted", 0),
        ("one two three", "one three", 1),
        ("one two three", "one too three four", 2),
        ("", "anything", 1),
        ("a b", "", 2),
    ],
)
def test_word_errors_count_the_fewest_changes(said, heard, errors):
    assert word_errors(spoken_words(said), spoken_words(heard)) == errors


def events(*sequence, last=("completed", "stream_ended")):
    numbered = [{"type": "stage", "seq": number} for number in sequence[:-1]]
    return [
        {"type": "connected", "seq": sequence[-1]},
        *numbered,
        {"type": last[0], "seq": sequence[-1]},
        {"type": last[1]},
    ]


def test_a_whole_replay_passes():
    check_events(events(1, 2, 3))


@pytest.mark.parametrize(
    "replay", [events(1, 3), events(2, 1), events(1, 2, last=("failed", "stream_ended"))]
)
def test_a_replay_with_a_gap_or_without_its_end_is_refused(replay):
    with pytest.raises(WalkError):
        check_events(replay)


@pytest.mark.parametrize(("is_production", "people"), [(False, 3), (True, 0)])
def test_preparing_makes_the_demo_only_where_its_passwords_do_no_harm(
    settings, tmp_path, is_production, people
):
    settings.PRODUCTION = is_production
    settings.STATIC_ROOT = tmp_path / "static"
    settings.LOCAL_ENGINES = False
    call_command("prepare", "--demo", stdout=StringIO())
    assert User.objects.count() == people
    assert (tmp_path / "static" / "css").exists()
