"""A candidate who takes back her word leaves nothing in the caches; mails are counted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from interviews import services
from ops import cache_table, caches
from ops.caches import About, Cache, Made
from ops.models import CacheEntry, UsageEntry
from tests import factories
from tests.ops.runs import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(session, monkeypatch):
    """What a cache keeps of carol and of somebody else."""
    make_run(session)
    monkeypatch.setattr(cache_table, "_caches", {})
    cache = caches.declare(
        Cache(
            name="words",
            keeps="Words",
            saves="a call",
            ttl=timedelta(days=7),
            max_entries=9,
            is_personal=True,
        )
    )
    other = factories.make_session(session.version.interview, alias="Otter 7")
    for each in (session, other):
        key = caches.key_of(cache, each.id, organization_id=each.organization_id)
        about = About(organization_id=each.organization_id, subject_id=each.id)
        caches.put(cache, key, Made(value="What she said"), about=about)
    return other


@pytest.mark.parametrize(
    "granted", [{"recording": False}, {"recording": True, "ai_analysis": False}]
)
def test_a_consent_taken_back_clears_what_caches_keep_of_her(session, kept, granted):
    services.record_consents(session=session, granted=granted, now=timezone.now())
    assert list(CacheEntry.objects.values_list("subject_id", flat=True)) == [kept.id]


def test_a_withdrawal_clears_what_caches_keep_of_her(session, kept):
    services.withdraw_session(session=session, now=timezone.now())
    assert list(CacheEntry.objects.values_list("subject_id", flat=True)) == [kept.id]


def test_a_mailed_link_is_counted_for_its_organization(alice, signed_in, interview):
    signed_in(alice).post(
        f"/interviews/{interview.key}/invite/",
        {"name": "Carol", "email": "carol@example.org", "days": "7", "sends_mail": "on"},
    )
    counted = UsageEntry.objects.filter(kind="mail").values_list("organization", "quantity")
    assert list(counted) == [(interview.organization_id, 1)]
