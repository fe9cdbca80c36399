"""Routes of organizations by REST, below /api/v1/."""

from django.urls import path

from ops import key_api, organization_api

urlpatterns = [
    path("organization", organization_api.OrganizationDetail.as_view(), name="api_organization"),
    path("organization/budget", organization_api.Budget.as_view(), name="api_budget"),
    path("organization/members", organization_api.Members.as_view(), name="api_members"),
    path(
        "organization/members/<uuid:member_id>",
        organization_api.MemberDetail.as_view(),
        name="api_member",
    ),
    path(
        "organization/invitations",
        organization_api.MemberInvitations.as_view(),
        name="api_member_invitations",
    ),
    path(
        "organization/invitations/<uuid:invitation_id>",
        organization_api.MemberInvitationDetail.as_view(),
        name="api_member_invitation",
    ),
    path("organization/keys", key_api.Keys.as_view(), name="api_own_keys"),
    path("organization/keys/<uuid:key_id>", key_api.KeyDetail.as_view(), name="api_own_key"),
]
