"""Where django-allauth asks us: who may sign up, what a sign-in leaves behind, how secrets keep."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ops import audit, sealing
from ops.forms import invitation_held_by
from ops.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Accounts of members; candidates have none."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Let in everybody, or only those who opened an invitation."""
        return settings.SIGNUP_OPEN or invitation_held_by(request) is not None

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's
        return reverse("account_login")

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        membership = user.live_membership
        if membership is not None:
            audit.record(
                organization_id=membership.organization_id,
                actor=f"member:{user.pk}",
                action="member.signed_in",
                subject_kind="member",
                subject_id=str(user.pk),
            )
        response: HttpResponse = super().post_login(request, user, **facts)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Second factors, whose secrets are sealed at rest."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)
