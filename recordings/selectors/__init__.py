"""What is known about recordings, as frozen values in a fixed number of queries."""

from recordings.selectors.labels import recording_labels, session_of
from recordings.selectors.processing import SourceFile, source_file
from recordings.selectors.uploads import UploadStatus, upload_status

__all__ = [
    "SourceFile",
    "UploadStatus",
    "recording_labels",
    "session_of",
    "source_file",
    "upload_status",
]
