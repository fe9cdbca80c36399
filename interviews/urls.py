"""Routes of interviews: members' pages, the candidate's pages, the candidate's REST."""

from django.urls import include, path

from interviews import (
    api,
    candidate_views,
    competency_views,
    editor_views,
    invitation_api,
    invitation_views,
    views,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("interviews.list_urls")),
    path("interviews/new/", editor_views.interview_create, name="interview_create"),
    path("interviews/<str:key>/edit/", editor_views.interview_edit, name="interview_edit"),
    path("interviews/<str:key>/preview/", editor_views.interview_preview, name="interview_preview"),
    path("interviews/<str:key>/edit/settings/", editor_views.edit_settings, name="edit_settings"),
    path(
        "interviews/<str:key>/edit/questions/<uuid:question_id>/",
        editor_views.edit_question,
        name="edit_question",
    ),
    path(
        "interviews/<str:key>/edit/questions/<uuid:question_id>/restore/",
        editor_views.question_restore,
        name="question_restore",
    ),
    path(
        "interviews/<str:key>/edit/steps/<slug:step>/",
        editor_views.interview_step,
        name="interview_step",
    ),
    path(
        "interviews/<str:key>/duplicate/",
        editor_views.interview_duplicate,
        name="interview_duplicate",
    ),
    path("interviews/<str:key>/remove/", editor_views.interview_remove, name="interview_remove"),
    path("competencies/", competency_views.competency_list, name="competencies"),
    path("competencies/new/", competency_views.competency_create, name="competency_create"),
    path(
        "competencies/<uuid:competency_id>/",
        competency_views.competency_edit,
        name="competency_edit",
    ),
    path("interviews/<str:key>/invite/", invitation_views.invite, name="invite"),
    path("interviews/<str:key>/invitations/", invitation_views.invitations, name="invitations"),
    path("interviews/<str:key>/invitations/open/", invitation_views.open_link, name="open_link"),
    path("interviews/<str:key>/invitations/csv/", invitation_views.invite_many, name="invite_many"),
    path(
        "interviews/<str:key>/invitations/<uuid:invitation_id>/",
        invitation_views.invitation_detail,
        name="invitation",
    ),
    path(
        "interviews/<str:key>/invitations/<uuid:invitation_id>/link/",
        invitation_views.invitation_renew,
        name="invitation_renew",
    ),
    path(
        "interviews/<str:key>/invitations/<uuid:invitation_id>/extend/",
        invitation_views.invitation_extend,
        name="invitation_extend",
    ),
    path(
        "interviews/<str:key>/invitations/<uuid:invitation_id>/revoke/",
        invitation_views.invitation_revoke,
        name="invitation_revoke",
    ),
    path("i/<str:token>/", candidate_views.candidate_landing, name="candidate_landing"),
    path("i/<str:token>/opened/", candidate_views.candidate_opened, name="candidate_opened"),
    path("i/<str:token>/start/", candidate_views.candidate_start, name="candidate_start"),
    path("interview/", candidate_views.candidate_home, name="candidate_home"),
    path("interview/consent/", candidate_views.candidate_consent, name="candidate_consent"),
    path("interview/withdraw/", candidate_views.candidate_withdraw, name="candidate_withdraw"),
    path("interview/check/", candidate_views.candidate_check, name="candidate_check"),
    path("interview/practice/", candidate_views.candidate_practice, name="candidate_practice"),
    path(
        "interview/questions/<int:order>/",
        candidate_views.candidate_question,
        name="candidate_question",
    ),
    path(
        "interview/questions/<int:order>/text/",
        candidate_views.candidate_text,
        name="candidate_text",
    ),
    path(
        "interview/questions/<int:order>/skip/",
        candidate_views.candidate_skip,
        name="candidate_skip",
    ),
    path("interview/submit/", candidate_views.candidate_submit, name="candidate_submit"),
    path("interview/done/", candidate_views.candidate_done, name="candidate_done"),
    path("api/v1/interviewer/", include("interviews.rest_urls")),
    path(
        "api/v1/interviewer/interviews/<str:key>/invitations",
        invitation_api.Invitations.as_view(),
        name="api_invitations",
    ),
    path(
        "api/v1/interviewer/interviews/<str:key>/invitations/<uuid:invitation_id>",
        invitation_api.InvitationDetail.as_view(),
        name="api_invitation",
    ),
    path(
        "api/v1/interviewer/interviews/<str:key>/invitations/<uuid:invitation_id>/resend",
        invitation_api.InvitationResend.as_view(),
        name="api_invitation_resend",
    ),
    path(
        "api/v1/interviewer/interviews/<str:key>/invitations/<uuid:invitation_id>/extend",
        invitation_api.InvitationExtend.as_view(),
        name="api_invitation_extend",
    ),
    path(
        "api/v1/interviewer/interviews/<str:key>/invitations/<uuid:invitation_id>/revoke",
        invitation_api.InvitationRevoke.as_view(),
        name="api_invitation_revoke",
    ),
    path("api/v1/candidate/start", api.CandidateStart.as_view(), name="api_candidate_start"),
    path("api/v1/candidate/session", api.CandidateSession.as_view(), name="api_candidate_session"),
    path(
        "api/v1/candidate/consents", api.CandidateConsents.as_view(), name="api_candidate_consents"
    ),
    path(
        "api/v1/candidate/responses/<uuid:response_id>/submit",
        api.CandidateAnswer.as_view(),
        name="api_candidate_answer",
    ),
    path(
        "api/v1/candidate/session/submit",
        api.CandidateSubmit.as_view(),
        name="api_candidate_submit",
    ),
    path(
        "api/v1/candidate/session/withdraw",
        api.CandidateWithdraw.as_view(),
        name="api_candidate_withdraw",
    ),
]
