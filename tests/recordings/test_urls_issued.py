"""URLs: permission first, then the cache; each grant is logged, no storage is asked."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db.models import Sum
from django.utils import timezone

from interviews.models import Assignment, Session
from interviews.permissions import candidate_principal
from ops.authentication import member_principal
from ops.caches import clear
from ops.models import CacheMinute
from recordings import services
from recordings.models import Recording, Rendition, UrlGrant
from recordings.purposes import purposes
from recordings.storage import count_operations
from tests import factories

pytestmark = pytest.mark.django_db
# The beginning of a window of every purpose.
NOW = datetime.fromtimestamp(timezone.now().timestamp() // 7200 * 7200, UTC) + timedelta(hours=2)


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
    with count_operations() as made:
        (issued,) = issue(member_principal(alice), recording)
    assert set(made) <= {"sign"}
    assert issued.cached is False
    assert issued.expires_at == NOW + timedelta(minutes=15)
    grant = UrlGrant.objects.get()
    assert (grant.actor, grant.purpose) == (f"member:{alice.pk}", "preview")


def test_the_same_asker_gets_the_same_url_for_a_window(recording, alice):
    principal = member_principal(alice)
    (first,) = issue(principal, recording, now=NOW + timedelta(seconds=1))
    (again,) = issue(principal, recording, now=NOW + timedelta(minutes=4, seconds=59))
    assert (again.url, again.cached) == (first.url, True)
    assert again.expires_at == NOW + timedelta(minutes=15)
    (late,) = issue(principal, recording, now=NOW + timedelta(minutes=5))
    assert (late.cached, late.url != first.url) == (False, True)
    assert UrlGrant.objects.count() == 2


def test_a_cached_url_always_has_a_third_of_its_life_left(recording, alice):
    for purpose in ("preview", "download", "batch"):
        late = NOW + timedelta(seconds=purposes({})[purpose].cache_s - 1)
        issue(member_principal(alice), recording, purpose=purpose)
        (again,) = issue(member_principal(alice), recording, purpose=purpose, now=late)
        assert again.cached
        assert again.expires_at - late >= timedelta(seconds=purposes({})[purpose].lifetime_s) / 3


def test_a_setting_changes_how_long_a_url_lives_and_is_kept(recording, alice, settings):
    settings.URL_PURPOSES = {"preview": {"lifetime_s": 30, "cache_s": 0}}
    first, again = (issue(member_principal(alice), recording)[0] for _ in range(2))
    assert first.expires_at == NOW + timedelta(seconds=30)
    assert again.cached is False


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


@pytest.mark.parametrize("state", ["refused", "deleting", "deleted"])
def test_what_is_gone_has_no_url(recording, alice, state):
    Recording.objects.update(state=state)
    assert issue(member_principal(alice), recording)[0].code == "not_found"


def test_nobody_gets_what_its_candidate_has_taken_back(recording, alice):
    Session.objects.update(state=Session.State.WITHDRAWN)
    assert issue(member_principal(alice), recording)[0].code == "not_found"


def test_an_original_that_was_dropped_is_not_kept_but_plays(recording, alice):
    Recording.objects.update(original_deleted_at=NOW)
    principal = member_principal(alice)
    (refused,) = issue(principal, recording, rendition="original", purpose="download")
    assert refused.code == "not_kept"
    assert isinstance(issue(principal, recording)[0], services.IssuedUrl)


@pytest.mark.parametrize("state", ["cold", "restoring"])
def test_what_lies_in_an_archive_is_to_be_restored_first(recording, alice, state):
    principal = member_principal(alice)
    Recording.objects.update(state=state)
    assert issue(principal, recording)[0].code == "archived"
    Recording.objects.update(readable_until=NOW + timedelta(days=1))
    assert isinstance(issue(principal, recording)[0], services.IssuedUrl)
    Recording.objects.update(readable_until=NOW)
    assert issue(principal, recording)[0].code == "archived"


def test_no_url_is_stored(recording, alice):
    (issued,) = issue(member_principal(alice), recording)
    token = issued.url.removeprefix("/transfer/")
    row = UrlGrant.objects.values().get()
    assert not any(token in str(value) or issued.url in str(value) for value in row.values())
    assert [str(value) for value in caches["memory"]._cache.values() if token in str(value)] == []


def test_the_number_of_queries_does_not_grow(recording, response, alice, django_assert_num_queries):
    many = [factories.make_recording(response) for _ in range(20)]
    principal = member_principal(alice)
    issue(principal, recording)  # the first of a minute begins its count
    for _ in range(2):
        with django_assert_num_queries(4):
            issue(principal, *many, rendition="original", purpose="download")
    for one in many:
        Rendition.objects.create(
            recording=one, kind="playback", object_key=f"org/a/rec/{one.pk}/playback.m4a",
            content_type="audio/mp4", size_bytes=10, sha256="1" * 64,
        )  # fmt: skip
    with django_assert_num_queries(5):
        issue(principal, *many)


def test_lookups_are_counted_and_a_clearing_is_heard_by_every_process(recording, alice):
    principal = member_principal(alice)
    for _ in range(3):
        issue(principal, recording)
    counted = CacheMinute.objects.filter(cache="urls").aggregate(Sum("asked"), Sum("hits"))
    assert counted == {"asked__sum": 3, "hits__sum": 2}
    clear(cache="urls")
    assert issue(principal, recording)[0].cached is False


def test_more_than_a_hundred_are_refused(alice):
    with pytest.raises(ValueError, match="100"):
        issue(member_principal(alice), *range(101))
