"""What the machine room may ask about a recording."""

import pytest

from ops import subjects
from ops.authentication import member_principal
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def recording(response):
    return factories.make_recording(response)


def test_consent_is_the_newest_word_of_the_session(recording):
    ask = subjects.get("recording").has_consent
    assert ask(recording.pk, "recording")
    assert not ask(recording.pk, "video_metrics")
    factories.give_consent(recording.session, "recording", granted=False)
    assert not ask(recording.pk, "recording")


def test_only_who_sees_the_session_follows_its_recordings(recording, alice, charlie):
    access = subjects.get("recording").access
    assert access(member_principal(alice), str(recording.pk))
    assert not access(member_principal(charlie), str(recording.pk))
    assert not access(member_principal(alice), "no id")


def test_a_recording_is_named_by_question_and_take(recording):
    names = subjects.get("recording").describe([recording.pk])
    assert names == {recording.pk: "question 1, take 1"}
