"""Routes of designing by REST, below /api/v1/interviewer/."""

from django.urls import path

from interviews import competency_api, design_api, question_api

ONE = "interviews/<str:key>"
QUESTION = f"{ONE}/questions/<uuid:question_id>"
urlpatterns = [
    path("interviews", design_api.Interviews.as_view(), name="api_interviews"),
    path(ONE, design_api.InterviewDetail.as_view(), name="api_interview"),
    path(f"{ONE}/publish", design_api.InterviewPublish.as_view(), name="api_interview_publish"),
    path(f"{ONE}/close", design_api.InterviewClose.as_view(), name="api_interview_close"),
    path(f"{ONE}/reopen", design_api.InterviewReopen.as_view(), name="api_interview_reopen"),
    path(
        f"{ONE}/duplicate",
        design_api.InterviewDuplicate.as_view(),
        name="api_interview_duplicate",
    ),
    path(f"{ONE}/versions", design_api.InterviewVersions.as_view(), name="api_interview_versions"),
    path(
        f"{ONE}/versions/<int:number>",
        design_api.InterviewVersion.as_view(),
        name="api_interview_version",
    ),
    path(f"{ONE}/draft", design_api.InterviewDraft.as_view(), name="api_interview_draft"),
    path(f"{ONE}/questions", question_api.Questions.as_view(), name="api_questions"),
    path(f"{ONE}/questions/order", question_api.QuestionOrder.as_view(), name="api_question_order"),
    path(QUESTION, question_api.QuestionDetail.as_view(), name="api_question"),
    path(
        f"{QUESTION}/restore", question_api.QuestionRestore.as_view(), name="api_question_restore"
    ),
    path(
        f"{QUESTION}/duplicate",
        question_api.QuestionDuplicate.as_view(),
        name="api_question_duplicate",
    ),
    path("competencies", competency_api.Competencies.as_view(), name="api_competencies"),
    path(
        "competencies/<uuid:competency_id>",
        competency_api.CompetencyDetail.as_view(),
        name="api_competency",
    ),
]
