"""Routes of recordings: the candidate's uploads, members' URLs."""

from django.urls import path

from recordings import api

CANDIDATE = "api/v1/candidate"
RESULTS = "api/v1/interviewer/interviews/<str:interview_key>/results"
RECORDING = f"{RESULTS}/sessions/<uuid:session_id>/recordings/<uuid:recording_id>"
OLD_RECORDING = (
    "api/v1/interviewer/<str:interview_key>/results/<uuid:session_id>"
    "/recordings/<uuid:recording_id>"
)

urlpatterns = [
    path(
        f"{CANDIDATE}/responses/<uuid:response_id>/takes",
        api.CandidateTakes.as_view(),
        name="api_candidate_takes",
    ),
    path(
        f"{CANDIDATE}/takes/<uuid:take_id>/upload",
        api.CandidateUpload.as_view(),
        name="api_candidate_upload",
    ),
    path(
        f"{CANDIDATE}/takes/<uuid:take_id>/technical-failure",
        api.CandidateTechnicalFailure.as_view(),
        name="api_candidate_technical_failure",
    ),
    path(
        f"{CANDIDATE}/uploads/<uuid:upload_id>",
        api.CandidateUploadStatus.as_view(),
        name="api_candidate_upload_status",
    ),
    path(
        f"{CANDIDATE}/uploads/<uuid:upload_id>/complete",
        api.CandidateUploadComplete.as_view(),
        name="api_candidate_upload_complete",
    ),
    path(
        f"{CANDIDATE}/uploads/<uuid:upload_id>/renew",
        api.CandidateUploadRenew.as_view(),
        name="api_candidate_upload_renew",
    ),
    path(
        f"{CANDIDATE}/uploads/<uuid:upload_id>/abort",
        api.CandidateUploadAbort.as_view(),
        name="api_candidate_upload_abort",
    ),
    path(
        f"{RESULTS}/recordings/generate-url",
        api.RecordingUrls.as_view(),
        name="api_recording_urls",
    ),
    path(f"{RECORDING}/play", api.RecordingPlay.as_view(), name="api_recording_play"),
    path(f"{RECORDING}/download", api.RecordingDownload.as_view(), name="api_recording_download"),
    path(f"{RECORDING}/restore", api.RecordingRestore.as_view(), name="api_recording_restore"),
    path(
        f"{OLD_RECORDING}/download",
        api.RecordingDownload.as_view(schema=None),  # documented under its new address
        name="api_recording_download_old",
    ),
]
