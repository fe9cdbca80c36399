"""Who gets which answer at which route: a line per route, read by test_matrix.py.

A new route is one line in ROUTES: its name, what each method answers to those who may, and the
policy that says who may. `{names}` in bodies and queries are ids of world.py; the test swaps them.
"""

from dataclasses import dataclass, field

OK = "ok"  # what the row says for the method
LOGIN = "login"  # a redirect to the sign-in page
DONE = "done"  # a redirect to the candidate's last page

GROUPS = {
    "team": ("owner", "interviewer", "staff"),
    "reviewers": ("assigned", "reviewer"),
    "outsiders": ("stranger", "foreign_staff", "removed"),
    "candidates": ("candidate", "other_candidate"),
    "past_candidates": ("late_candidate", "revoked_candidate"),
    "scoped_keys": (
        "key_results",
        "key_reviews",
        "key_write",
        "key_urls",
        "key_runs",
        "key_ops",
        "key_none",
        "key_organization",
    ),
    "dead_keys": ("key_expired", "key_revoked", "key_removed", "key_disabled"),
    "reviewer_keys": ("key_assigned", "key_reviewer"),
}
ALONE = ("anonymous", "disabled", "key_all", "key_stranger")
EVERYBODY = (*ALONE, *(name for group in GROUPS.values() for name in group))


def policy(**said):
    """Name of a group or asker -> answer; what is said later counts more."""
    answers = {}
    for name, answer in said.items():
        names = EVERYBODY if name == "everybody" else GROUPS.get(name, (name,))
        answers.update(dict.fromkeys(names, answer))
    return answers


def page(**said):
    """Of members, by browser. A key is no way into a page."""
    return policy(**{"everybody": LOGIN, "team": OK, "reviewers": OK, "outsiders": 404} | said)


def rest(key, **said):
    """For members by browser, and for the keys with one scope."""
    members = {"everybody": 401, "team": OK, "reviewers": OK, "outsiders": 404, "removed": 403}
    keys = {"scoped_keys": 403, key: OK, "key_all": OK, "reviewer_keys": OK, "key_stranger": 404}
    return policy(**members | keys | said)


PUBLIC = policy(everybody=OK)
PUBLIC_REST = policy(everybody=OK, dead_keys=401)
OWN_LIST = rest("key_results", outsiders=OK, removed=403, key_stranger=OK)
BOARD_PAGE = page(reviewer=404)
SESSION_PAGE = page(reviewer=404)
DESIGN_PAGE = page(reviewers=404)
DESIGNERS_PAGE = page(reviewers=404, outsiders=OK, removed=404)  # everybody has her own
# The strangers are owners, of their own organization.
OWNERS_PAGE = page(team=404, reviewers=404, owner=OK)
OWN_PAGE = page(outsiders=OK)
RUN_PAGE = page(assigned=403, reviewer=404)
READ = rest("key_results", reviewer=404, key_reviewer=404)
REVIEW = rest("key_reviews", reviewer=404, key_reviewer=404)
READ_REVIEW = REVIEW | policy(key_results=OK)
INVITE = rest("key_write", reviewers=404, reviewer_keys=404)
DESIGN = INVITE
MAKE = rest(  # the strangers make their own
    "key_write", reviewers=404, reviewer_keys=404, outsiders=OK, removed=403, key_stranger=OK
)
OWN_REST = rest("key_results", scoped_keys=OK, outsiders=OK, removed=403, key_stranger=OK)
OWNERS_REST = rest(  # the strangers are owners, of their own organization
    "key_organization", team=404, reviewers=404, reviewer_keys=404, owner=OK
)
OWNERS_LIST = OWNERS_REST | policy(outsiders=OK, removed=403, key_stranger=OK)
KEYS_LIST = rest("key_organization", outsiders=OK, removed=403, key_stranger=OK)
MAKE_KEY = KEYS_LIST | policy(  # by browser only
    scoped_keys=403, reviewer_keys=403, key_all=403, key_stranger=403
)
READ_DESIGN = DESIGN | policy(key_results=OK)
READ_MADE = MAKE | policy(key_results=OK)
COSTS_REST = rest("key_results", reviewers=404, reviewer_keys=404)
COSTS_LIST = COSTS_REST | policy(outsiders=OK, removed=403, key_stranger=OK)  # of their own
READ_INTERVIEW = rest("key_results", key_write=OK, reviewer=404, key_reviewer=404)
START = rest("key_runs", reviewers=403, reviewer_keys=403)
START_HERE = rest("key_runs", assigned=403, reviewer=404, key_assigned=403, key_reviewer=404)
URLS = rest("key_urls", reviewer=404, key_reviewer=404)
STAFF_REST = policy(  # of the whole installation
    everybody=401,
    team=403,
    reviewers=403,
    outsiders=403,
    scoped_keys=403,
    reviewer_keys=403,
    key_all=403,
    key_stranger=403,
    staff=OK,
    foreign_staff=OK,
    key_ops=OK,
)
CANDIDATE_PAGE = policy(everybody=404, candidates=OK, late_candidate=DONE, revoked_candidate=410)
CANDIDATE_KEPT = CANDIDATE_PAGE | {"late_candidate": OK}  # also after the end
CANDIDATE_REST = policy(everybody=401, candidates=OK, late_candidate=OK)
CANDIDATE_OWN = policy(everybody=401, candidate=OK, other_candidate=404, late_candidate=404)


@dataclass(frozen=True)
class Route:
    """`methods`: method -> status for those who may. Ids named in `by_item` never make a 404.

    `by_method` has the policy of each method that others may than those of `policy`.
    `ids` says which id of world.py a name in the path means, where it is another's name there.
    """

    methods: dict
    policy: dict
    body: dict | None = None
    query: dict = field(default_factory=dict)
    by_item: frozenset = frozenset()
    ids: dict = field(default_factory=dict)
    is_form: bool = False
    by_method: dict = field(default_factory=dict)

    def meant_for(self, method):
        return self.by_method.get(method, self.policy)

    def may(self, asker):
        return any(self.meant_for(method)[asker] == OK for method in self.methods)


def get(policy, status=200, **more):
    return Route({"GET": status}, policy, **more)


def post(policy, status=200, **more):
    return Route({"POST": status}, policy, **more)


def form(policy, methods=None, **more):
    return Route(methods or {"GET": 200, "POST": 302}, policy, is_form=True, **more)


CONSENT = {"granted": {"recording": True, "ai_analysis": True}}
AGREED = {"granted": "recording", "notice_hash": "{notice_hash}"}
BY_RECORDING = {"recording_ids": ["{recording_id}"], "purpose": "download"}
ROUTES = {
    # --- ops
    "health": get(PUBLIC),
    "metrics": get(PUBLIC),  # from this machine; test_metrics.py tries the others
    "health_workers": get(PUBLIC_REST),
    "api_dead_letters": Route(
        {"GET": 200, "POST": 200},
        STAFF_REST,
        body={"action": "retry_all", "reason": "fixed", "dry_run": True},
    ),
    "api_breakers": Route(
        {"GET": 200, "POST": 200},
        STAFF_REST,
        body={"dependency": "openai.chat", "to": "auto", "reason": "it answers again"},
    ),
    "api_caches": Route(
        {"GET": 200, "POST": 200},
        STAFF_REST,
        body={"cache": "transcripts", "reason": "a test", "dry_run": True},
    ),
    "api_schema": get(PUBLIC_REST),
    "api_docs": get(PUBLIC_REST),
    "api_redoc": get(PUBLIC_REST),
    "api_run": get(READ),
    "api_run_status": get(READ),
    "api_run_stream": get(READ),
    "api_run_cancel": post(START),
    "api_jobs": get(
        OWN_LIST,
        query={"session": "{session_id}", "run": "{run_id}"},
        by_item=frozenset({"session_id", "run_id"}),
    ),
    "api_job": get(READ),
    "api_job_retry": post(START, 202),
    "api_job_cancel": post(START, 409),
    "api_job_reschedule": post(START, 409, body={"priority": "high"}),
    "api_organization": get(OWN_REST),
    "api_budget": Route({"GET": 200, "PUT": 200}, OWNERS_LIST, body={"budget_usd": "20.00"}),
    "api_members": get(OWNERS_LIST),
    "api_member": Route(
        {"PATCH": 200, "DELETE": 204}, OWNERS_REST, body={"role": "interviewer"}
    ),
    "api_member_invitations": Route(
        {"GET": 200, "POST": 201},
        OWNERS_LIST,
        body={"email": "newest@team.test", "role": "reviewer"},
    ),
    "api_member_invitation": Route(
        {"DELETE": 204}, OWNERS_REST, ids={"invitation_id": "member_invitation_id"}
    ),
    "api_own_keys": Route(
        {"GET": 200, "POST": 201},
        MAKE_KEY,
        by_method={"GET": KEYS_LIST},
        body={"name": "new", "scopes": ["results:read"]},
    ),
    "api_own_key": Route(
        {"GET": 200, "DELETE": 204}, OWNERS_REST, ids={"key_id": "api_key_id"}
    ),
    "account": get(OWN_PAGE),
    "found_organization": form(OWN_PAGE, {"GET": 200, "POST": 200}),
    "organization": form(
        OWNERS_PAGE | policy(outsiders=OK, removed=404),
        {"GET": 200, "POST": 200},
        body={"email": "new@team.test", "role": "reviewer"},
    ),
    "budget": form(
        OWNERS_PAGE | policy(outsiders=OK, removed=404), body={"budget_usd": "20.00"}
    ),
    "audit_trail": get(OWNERS_PAGE | policy(outsiders=OK, removed=404)),
    "member_role": post(OWNERS_PAGE, 302, is_form=True, body={"role": "interviewer"}),
    "member_remove": post(OWNERS_PAGE, 302, is_form=True),
    "member_invitation_revoke": post(
        OWNERS_PAGE, 302, is_form=True, ids={"invitation_id": "member_invitation_id"}
    ),
    "api_keys": form(
        OWN_PAGE | policy(removed=404),
        {"GET": 200, "POST": 200},
        body={"name": "new", "scopes": "results:read", "days": "9"},
    ),
    "api_key_revoke": post(OWNERS_PAGE, 302, is_form=True, ids={"key_id": "api_key_id"}),
    "join": form(PUBLIC, {"GET": 404, "POST": 404}),  # until a link was opened
    "join_by_link": form(PUBLIC, ids={"token": "join_token"}),
    # --- interviews
    "home": get(PUBLIC),
    "own_reviews": get(OWN_PAGE),
    "session_reviewers": form(
        DESIGN_PAGE, body={"member": "{membership_id}"}, by_item=frozenset({"membership_id"})
    ),
    "assign_many": post(
        DESIGN_PAGE,
        302,
        is_form=True,
        body={"session": "{session_id}", "member": "{membership_id}"},
        by_item=frozenset({"membership_id"}),
    ),
    "assignment_end": post(DESIGN_PAGE, 302, is_form=True),
    "api_assignments": Route(
        {"GET": 200, "POST": 201},
        INVITE,
        body={"session_ids": ["{session_id}"], "reviewer": "assigned@acme.test"},
        by_item=frozenset({"session_id"}),  # of the body alone: a GET has none
    ),
    "api_assignment": Route({"DELETE": 204}, INVITE),
    "interview_create": form(DESIGNERS_PAGE, body={"title": "Second"}),
    "interview_edit": get(DESIGN_PAGE),
    "interview_preview": get(DESIGN_PAGE),
    "edit_settings": post(DESIGN_PAGE, 400, is_form=True),
    "edit_question": post(DESIGN_PAGE, 400, is_form=True, by_item=frozenset({"question_id"})),
    "question_restore": post(DESIGN_PAGE, 302, is_form=True, by_item=frozenset({"question_id"})),
    "interview_step": post(DESIGN_PAGE, 302, is_form=True),
    "interview_duplicate": post(DESIGN_PAGE, 302, is_form=True),
    "interview_remove": post(DESIGN_PAGE, 302, is_form=True),
    "competencies": get(DESIGNERS_PAGE),
    "competency_create": form(DESIGNERS_PAGE, {"GET": 200, "POST": 400}, body={"name": ""}),
    "competency_edit": form(DESIGN_PAGE, {"GET": 200, "POST": 400}, body={"name": ""}),
    "invite": form(DESIGN_PAGE, {"GET": 200, "POST": 200}),
    "invitations": get(DESIGN_PAGE),
    "open_link": form(DESIGN_PAGE, {"GET": 200, "POST": 200}),
    "invite_many": form(DESIGN_PAGE, {"GET": 200, "POST": 200}),
    "invitation": get(DESIGN_PAGE),
    "invitation_renew": post(DESIGN_PAGE, 200, is_form=True),
    "invitation_extend": post(DESIGN_PAGE, 302, is_form=True, body={"days": "3"}),
    "invitation_revoke": form(DESIGN_PAGE),
    "api_interviews": Route(
        {"GET": 200, "POST": 201},
        MAKE,
        by_method={"GET": OWN_LIST | policy(key_write=OK)},
        body={"title": "Second"},
    ),
    "api_interview": Route(
        {"GET": 200, "PATCH": 200, "DELETE": 409},
        DESIGN,
        by_method={"GET": READ_INTERVIEW},
        body={"title": "Another", "edit_number": 0},
    ),
    "api_interview_publish": post(DESIGN, 409),
    "api_interview_close": post(DESIGN),
    "api_interview_reopen": post(DESIGN, 409),
    "api_interview_duplicate": post(DESIGN, 201),
    "api_interview_versions": post(DESIGN, 201),
    "api_interview_version": get(READ_DESIGN),
    "api_interview_draft": Route({"DELETE": 409}, DESIGN),
    "api_questions": Route({"GET": 200, "POST": 409}, DESIGN, by_method={"GET": READ_DESIGN}),
    "api_question_order": Route({"PUT": 409}, DESIGN, body={"question_ids": []}),
    "api_question": Route(  # of a published version
        {"GET": 200, "PATCH": 409, "DELETE": 409},
        DESIGN,
        by_method={"GET": READ_DESIGN},
        body={"text": "Another", "edit_number": 0},
    ),
    "api_question_restore": post(DESIGN, 409, by_item=frozenset({"question_id"})),
    "api_question_duplicate": post(DESIGN, 409),
    "question_suggestions": form(
        DESIGN_PAGE,
        {"GET": 200, "POST": 200},
        body={"kind": "behavioural", "difficulty": "medium", "locale": "en"},
    ),
    "suggestion_take": form(DESIGN_PAGE, {"POST": 302}, body={"text": "Why?"}),
    "competency_library": form(
        DESIGNERS_PAGE,
        {"GET": 200, "POST": 302},
        body={"key": "collaboration", "locale": "en"},
    ),
    "api_competency_library": Route(
        {"GET": 200, "POST": 201},
        MAKE,
        by_method={"GET": READ_MADE},
        body={"key": "collaboration"},
    ),
    "api_question_generate": post(
        DESIGN, body={"interview_key": "{interview_key}", "competency": "problem_solving"}
    ),
    "api_competencies": Route(
        {"GET": 200, "POST": 201}, MAKE, by_method={"GET": READ_MADE}, body={"name": "Calm"}
    ),
    "api_competency": Route(
        {"GET": 200, "PATCH": 200},
        DESIGN,
        by_method={"GET": READ_DESIGN},
        body={"name": "Calm", "edit_number": 0},
    ),
    "api_invitations": Route({"GET": 200, "POST": 201}, INVITE, body={"name": "New"}),
    "api_invitation": get(INVITE),
    "api_invitation_resend": post(INVITE),
    "api_invitation_extend": post(INVITE, body={"days": 3}),
    "api_invitation_revoke": post(INVITE),
    "candidate_landing": get(PUBLIC),
    "candidate_opened": post(PUBLIC, 204, is_form=True),
    "candidate_start": post(PUBLIC, 302, is_form=True),
    "candidate_home": get(CANDIDATE_PAGE),
    "candidate_consent": form(CANDIDATE_KEPT, body=AGREED),
    "candidate_withdraw": form(CANDIDATE_KEPT),
    "candidate_check": get(CANDIDATE_PAGE),
    "candidate_practice": get(CANDIDATE_PAGE),
    "candidate_question": get(CANDIDATE_PAGE),
    "candidate_text": post(CANDIDATE_PAGE, 200, is_form=True, body={"text": "I asked."}),
    "candidate_skip": post(CANDIDATE_PAGE, 302, is_form=True),
    "candidate_submit": post(CANDIDATE_PAGE, 302, is_form=True),
    "candidate_done": get(CANDIDATE_PAGE | {"late_candidate": 200}, 302),
    "api_candidate_start": post(PUBLIC, body={"token": "{token}"}),
    "api_candidate_session": get(CANDIDATE_REST),
    "api_candidate_consents": Route({"GET": 200, "POST": 200}, CANDIDATE_REST, body=CONSENT),
    "api_candidate_answer": post(CANDIDATE_OWN, 409, body={"text": "I asked."}),  # a take is open
    "api_candidate_submit": post(CANDIDATE_REST, 409),
    "api_candidate_withdraw": post(CANDIDATE_REST),
    # --- recordings
    "api_candidate_takes": post(CANDIDATE_OWN, 201, body={"mode": "audio"}),
    "api_candidate_upload": post(
        CANDIDATE_OWN, 201, body={"bytes": 9, "content_type": "audio/ogg"}
    ),
    "api_candidate_technical_failure": post(CANDIDATE_OWN, body={"reason": "page_closed"}),
    "api_candidate_upload_status": get(CANDIDATE_OWN),
    "api_candidate_upload_complete": post(CANDIDATE_OWN, 409),
    "api_candidate_upload_renew": post(CANDIDATE_OWN),
    "api_candidate_upload_abort": post(CANDIDATE_OWN, 204),
    "api_recording_urls": post(URLS, body=BY_RECORDING, by_item=frozenset({"recording_id"})),
    "api_recording_play": get(URLS, 302),
    "api_recording_download": get(URLS, 302),
    "api_recording_download_old": get(URLS, 302),
    "api_recording_restore": post(URLS, 409),
    # --- analysis
    "board": get(BOARD_PAGE),
    "board_rows": get(BOARD_PAGE),
    "session_results": get(SESSION_PAGE),
    "board_row": get(SESSION_PAGE),
    "session_progress": get(SESSION_PAGE),
    "process_again": post(RUN_PAGE, 302, is_form=True),
    "restore_recording": post(SESSION_PAGE, 302, is_form=True),
    "retry_job": post(RUN_PAGE, 302, is_form=True),
    "cancel_run": post(RUN_PAGE, 302, is_form=True),
    "session_print": get(SESSION_PAGE),
    "scorecard": form(SESSION_PAGE, body={"edit_number": "0"}),
    "scorecard_begin": post(SESSION_PAGE, 302, is_form=True),
    "scorecard_submit": form(SESSION_PAGE, {"GET": 302, "POST": 302}),  # none is begun
    "scorecard_amend": post(SESSION_PAGE, 302, is_form=True, body={"reason": "A slip."}),
    "scorecard_discard": post(SESSION_PAGE, 302, is_form=True),
    "recording_poster": get(SESSION_PAGE),
    "recording_captions": get(SESSION_PAGE),
    "api_sessions": get(READ),
    "api_session_data_only": get(READ),
    "api_session_usage": get(COSTS_REST),
    "api_usage": get(
        COSTS_REST, query={"interview": "{key}"}
    ),
    "api_usage_entries": get(
        COSTS_LIST, query={"session": "{session_id}"}, by_item=frozenset({"session_id"})
    ),
    "agreement": get(DESIGN_PAGE),
    "api_agreement": get(COSTS_REST),
    "costs": get(DESIGNERS_PAGE),
    "costs_csv": get(DESIGNERS_PAGE),
    "api_recording_data_only": get(READ),
    "api_scorecards": get(READ_REVIEW),
    "api_scorecard": Route(
        {"GET": 200, "PUT": 200, "DELETE": 409},
        REVIEW,
        by_method={"GET": READ_REVIEW},
        body={"edit_number": 0, "ratings": [{"rubric_id": "{rubric_id}", "level": 3}]},
        by_item=frozenset({"rubric_id"}),  # of the body alone: a GET has none
    ),
    "api_scorecard_submit": post(REVIEW, 409, body={"edit_number": 0}),  # nothing is rated
    "api_scorecard_amend": post(REVIEW, 409, body={"reason": "A slip."}),
    "api_batch_process": post(
        START_HERE, 202, body={"recording_ids": ["{recording_id}"], "force": True}
    ),
    "api_batch_status": get(READ),
    "api_analysis": post(START_HERE, 202, body={"session_id": "{session_id}"}),
    "api_session_data": get(READ),
}  # fmt: skip

# Somebody else's routes, by prefix; test_matrix.py has a rule for each.
RULED = ("admin/", "accounts/")

# Address -> who is let in. Keys and bearer tokens open no socket: browsers alone have an Origin.
SOCKETS = {
    "ws/runs/<uuid:run_id>/": {"owner", "interviewer", "staff", "assigned"},
    "ws/interviews/<slug:key>/": {"owner", "interviewer", "staff", "assigned"},
    "": set(),
}
