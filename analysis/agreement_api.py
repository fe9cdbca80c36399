"""REST: how far an interview's reviewers, and machines, judge alike."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis.agreement_serializers import InterviewAgreementSerializer
from analysis.interview_agreement import interview_agreement
from analysis.wire import as_data
from ops.authentication import principal_of
from ops.etags import ConditionalReads
from ops.openapi import PROBLEMS


class AgreementView(ConditionalReads, APIView):
    """For owners and interviewers; the same 404 as nothing for everybody else."""

    required_scope = "results:read"
    throttle_scope = "reads"

    @extend_schema(
        operation_id="results_agreement",
        responses={200: InterviewAgreementSerializer, **PROBLEMS},
    )
    def get(self, request: Request, key: str) -> Response:
        """Agreement by competency, reviewer and machine, each with its interval or a reason."""
        return Response(as_data(interview_agreement(principal_of(request), key)))
