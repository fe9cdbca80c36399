"""Routes of analysis: the live board, session pages, results and analysis REST."""

from django.urls import path

from analysis import (
    agreement_api,
    agreement_views,
    api,
    cost_api,
    cost_views,
    library_api,
    library_views,
    question_api,
    review_api,
    review_views,
    suggestion_views,
    views,
)

BOARD = "interviews/<str:key>/"
SESSION = f"{BOARD}sessions/<uuid:session_id>/"
RECORDING = f"{SESSION}recordings/<uuid:recording_id>/"
AGREEMENT = "api/v1/interviewer/interviews/<str:key>/results/agreement"
RESULTS = "api/v1/interviewer/interviews/<str:key>/results/sessions"
MINE = f"{RESULTS}/<uuid:session_id>/scorecards/mine"

urlpatterns = [
    path("costs/", cost_views.costs, name="costs"),
    path("costs/usage.csv", cost_views.costs_csv, name="costs_csv"),
    path("api/v1/usage", cost_api.UsageView.as_view(), name="api_usage"),
    path("api/v1/usage/entries", cost_api.UsageEntriesView.as_view(), name="api_usage_entries"),
    path(
        f"{RESULTS}/<uuid:session_id>/usage",
        cost_api.SessionUsageView.as_view(),
        name="api_session_usage",
    ),
    path(BOARD, views.board, name="board"),
    path(f"{BOARD}agreement/", agreement_views.agreement, name="agreement"),
    path(AGREEMENT, agreement_api.AgreementView.as_view(), name="api_agreement"),
    path("competencies/library/", library_views.competency_library, name="competency_library"),
    path(
        f"{BOARD}suggestions/", suggestion_views.question_suggestions, name="question_suggestions"
    ),
    path(f"{BOARD}suggestions/take/", suggestion_views.suggestion_take, name="suggestion_take"),
    path(f"{BOARD}rows/", views.board_rows, name="board_rows"),
    path(SESSION, views.session_results, name="session_results"),
    path(f"{SESSION}row/", views.board_row, name="board_row"),
    path(f"{SESSION}progress/", views.session_progress, name="session_progress"),
    path(f"{SESSION}process/", views.process_again, name="process_again"),
    path(f"{SESSION}jobs/<uuid:job_id>/retry/", views.retry_job, name="retry_job"),
    path(f"{SESSION}runs/<uuid:run_id>/cancel/", views.cancel_run, name="cancel_run"),
    path(f"{SESSION}print/", views.session_print, name="session_print"),
    path(f"{SESSION}scorecard/", review_views.scorecard, name="scorecard"),
    path(f"{SESSION}scorecard/begin/", review_views.scorecard_begin, name="scorecard_begin"),
    path(f"{SESSION}scorecard/submit/", review_views.scorecard_submit, name="scorecard_submit"),
    path(f"{SESSION}scorecard/amend/", review_views.scorecard_amend, name="scorecard_amend"),
    path(f"{SESSION}scorecard/discard/", review_views.scorecard_discard, name="scorecard_discard"),
    path(f"{RECORDING}poster", views.poster, name="recording_poster"),
    path(f"{RECORDING}restore/", views.restore_recording, name="restore_recording"),
    path(f"{RECORDING}captions.vtt", views.captions, name="recording_captions"),
    path(RESULTS, api.SessionListView.as_view(), name="api_sessions"),
    path(
        f"{RESULTS}/<uuid:session_id>/data-only",
        api.SessionDataOnlyView.as_view(),
        name="api_session_data_only",
    ),
    path(
        f"{RESULTS}/<uuid:session_id>/recordings/<uuid:recording_id>/data-only",
        api.RecordingDataOnlyView.as_view(),
        name="api_recording_data_only",
    ),
    path(
        f"{RESULTS}/<uuid:session_id>/batch-process",
        api.BatchProcessView.as_view(),
        name="api_batch_process",
    ),
    path(
        f"{RESULTS}/<uuid:session_id>/batch-status",
        api.BatchStatusView.as_view(),
        name="api_batch_status",
    ),
    path(
        f"{RESULTS}/<uuid:session_id>/scorecards",
        review_api.ScorecardsView.as_view(),
        name="api_scorecards",
    ),
    path(f"{MINE}", review_api.OwnScorecardView.as_view(), name="api_scorecard"),
    path(f"{MINE}/submit", review_api.ScorecardSubmitView.as_view(), name="api_scorecard_submit"),
    path(f"{MINE}/amend", review_api.ScorecardAmendView.as_view(), name="api_scorecard_amend"),
    path(
        "api/v1/questions/generate",
        question_api.QuestionGenerate.as_view(),
        name="api_question_generate",
    ),
    path(
        "api/v1/interviewer/competencies/library",
        library_api.Library.as_view(),
        name="api_competency_library",
    ),
    path("api/v1/analysis", api.AnalysisStartView.as_view(), name="api_analysis"),
    # The short form of older clients.
    path(
        "api/v1/interviewer/<str:key>/results/<uuid:session_id>/data",
        api.ShortSessionDataView.as_view(),
        name="api_session_data",
    ),
]
