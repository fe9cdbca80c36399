"""URLs: permission first, then the cache; each grant is logged, no storage is asked."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from interviews.models import Assignment
from interviews.permissions import candidate_principal
from ops.authentication import member_principal
from recordings import services
from recordings.models import Recording, Rendition, UrlGrant
from recordings.storage import forbidden_storage
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _empty_cache():
    caches["memory"].clear()


@pytest.fixture
def recording(response):
    recording = factories.make_recording(response)
    Rendition.objects.create(
        recording=recording,
        kind="playback",
        object_key="org/a/rec/b/playback.m4a",
        content_type="audio/mp4",
        size_bytes=10,
        sha256="1" * 64,
    )
    return recording


def issue(principal, *recordings, rendition="playback", purpose="preview", now=NOW, **extra):
    return services.issue_urls(
        principal=principal,
        recordings=[getattr(r, "pk", r) for r in recordings],
        rendition=rendition,
        purpose=purpose,
        now=now,
        **extra,
    )


def test_a_url_is_issued_without_asking_the_storage(recording, alice):
    with forbidden_storage():
        (issued,) = issue(member_principal(alice), recording)
    assert issued.cached is False
    assert issued.expires_at == (NOW + timedelta(minutes=15)).replace(microsecond=0)
    grant = UrlGrant.objects.get()
    assert (grant.actor, grant.purpose) == (f"member:{alice.pk}", "preview")


def test_the_same_asker_gets_the_same_url_until_a_third_of_its_life_is_left(recording, alice):
    principal = member_principal(alice)
    (first,) = issue(principal, recording)
    (again,) = issue(principal, recording, now=NOW + timedelta(minutes=9))
    assert (again.url, again.cached) == (first.url, True)
    (late,) = issue(principal, recording, now=NOW + timedelta(minutes=11))
    assert late.cached is False
    assert UrlGrant.objects.count() == 2


def test_another_asker_purpose_or_version_gets_another_url(recording, alice, bob):
    urls = [issue(member_principal(user), recording)[0].url for user in (alice, bob)]
    urls.append(issue(member_principal(alice), recording, purpose="download")[0].url)
    Rendition.objects.update(sha256="2" * 64)
    urls.append(issue(member_principal(alice), recording)[0].url)
    assert len(set(urls)) == 4


def test_a_revoked_url_is_not_given_out_again(recording, alice):
    principal = member_principal(alice)
    (first,) = issue(principal, recording)
    assert services.revoke_url_grants(actor=principal.key, now=NOW) == 1
    (again,) = issue(principal, recording)
    assert (again.cached, again.url != first.url) == (False, True)
    with pytest.raises(ValueError, match="name recordings"):
        services.revoke_url_grants(now=NOW)


def test_a_cached_url_does_not_outlive_the_permission(recording, rita, session):
    assignment = Assignment.objects.create(session=session, member=rita.membership)
    assert isinstance(issue(member_principal(rita), recording)[0], services.IssuedUrl)
    assignment.delete()
    assert issue(member_principal(rita), recording)[0].code == "not_found"


def test_a_stranger_and_an_unknown_recording_are_told_the_same(recording, charlie, response):
    refused = issue(member_principal(charlie), recording, response.pk)
    assert {(r.code, r.message) for r in refused} == {(refused[0].code, refused[0].message)}
    assert UrlGrant.objects.count() == 0


def test_one_that_fails_does_not_fail_the_others(recording, response, alice):
    bare = factories.make_recording(response)
    answers = issue(member_principal(alice), bare, recording, response.pk, recording)
    assert [getattr(a, "code", "url") for a in answers] == ["not_ready", "url", "not_found", "url"]
    assert answers[1] == answers[3]


def test_a_recording_of_another_interview_is_not_there(recording, alice, acme):
    assert issue(member_principal(alice), recording, interview_key="other")[0].code == "not_found"
    key = recording.session.version.interview.key
    assert isinstance(
        issue(member_principal(alice), recording, interview_key=key)[0], services.IssuedUrl
    )


@pytest.mark.parametrize(
    ("purpose", "who"),
    [("download", "alice"), ("preview", "alice carol"), ("batch", "alice"), ("admin", "sam")],
)
def test_each_purpose_is_for_whom_the_table_names(recording, alice, sam, purpose, who):
    people = {"alice": member_principal(alice), "carol": candidate_principal(recording.session)}
    people["sam"] = member_principal(sam)
    expected = set(who.split()) | ({"sam"} if "alice" in who else set())
    allowed = {
        name
        for name, principal in people.items()
        if isinstance(issue(principal, recording, purpose=purpose)[0], services.IssuedUrl)
    }
    assert allowed == expected


@pytest.mark.parametrize("state", ["refused", "deleted"])
def test_what_is_gone_has_no_url(recording, alice, state):
    Recording.objects.update(state=state)
    assert issue(member_principal(alice), recording)[0].code == "not_found"


def test_the_number_of_queries_does_not_grow(recording, response, alice, django_assert_num_queries):
    many = [factories.make_recording(response) for _ in range(20)]
    principal = member_principal(alice)
    with django_assert_num_queries(2):
        issue(principal, *many, rendition="original", purpose="download")
    with django_assert_num_queries(2):
        issue(principal, *many, rendition="original", purpose="download")


def test_more_than_a_hundred_are_refused(alice):
    with pytest.raises(ValueError, match="100"):
        issue(member_principal(alice), *range(101))
