"""The product's routes, and beside them the classic way to a session: ModelSerializers and URLs."""

from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.api import ReadView
from config.urls import urlpatterns as own
from ops.authentication import principal_of
from recordings.models import Recording
from recordings.s3_client import signing_client
from tests.analysis.classic import classic_answer


class ClassicView(ReadView):
    """The same sign-in, scope, throttle and ETag as the product's."""

    def get(self, request: Request, key: str, session_id: UUID) -> Response:
        data: Any = classic_answer(principal_of(request), key, session_id)
        urls = dict(signed(session_id))
        for answer in data["answers"]:
            for recording in answer["recordings"]:
                recording["url"] = urls[recording["id"]]
        return Response(data)


def signed(session_id: UUID) -> list[tuple[str, str]]:
    """Return a URL for every recording, by boto3's cached client."""
    client = signing_client()
    rows = Recording.objects.filter(session=session_id).values_list("pk", "object_key")
    return [
        (
            str(pk),
            client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": key}),
        )
        for pk, key in rows
    ]


urlpatterns = [*own, path("classic/<str:key>/<uuid:session_id>", ClassicView.as_view())]
