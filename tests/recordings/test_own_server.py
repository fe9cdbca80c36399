"""Candor with an S3 server beside it: what `make run STORAGE=s3` starts, walked by REST."""

import json
import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from analysis.demo.server import fresh_server
from analysis.demo.walk import CandidateClient, InterviewerClient
from ops.processes import children_of, facts_of
from recordings import object_server
from tests.house.tree import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def server_process(supervisor):
    pids = [facts.pid for facts in children_of(supervisor)]
    return next((p for p in pids if Path(f"/proc/{p}/comm").read_text().strip() == "weed"), None)


def wait_for(found):
    give_up = time.monotonic() + 60
    while not (value := found()) and time.monotonic() < give_up:
        time.sleep(0.2)
    assert value
    return value


def test_an_answer_goes_straight_to_the_s3_server_and_comes_back_from_there():
    environment = {"STORAGE": "s3", "LOCAL_ENGINES": "0"}
    with fresh_server(environment=environment) as server:
        own = object_server.existing(server.data_dir / "objects")
        pid = wait_for(lambda: server_process(server.pid))
        page = httpx.get(f"{server.url}/accounts/login/")
        assert f"connect-src 'self' {own.url}" in page.headers["Content-Security-Policy"]
        wait_for(own.is_up)
        seeded = json.loads(server.manage("seed_demo", "--bare"))
        key = server.manage("create_api_key", seeded["email"]).strip()
        candidate = CandidateClient(server.url)
        session = candidate.start(seeded["token"])
        candidate.consent()
        candidate.answer(
            session["questions"][0]["response_id"], ROOT / "tests/samples/librivox-2.ogg"
        )
        interviewer = InterviewerClient(server.url, key, seeded["interview_key"])
        recording = wait_for(lambda: prepared(interviewer, session["id"]))
        (speech,) = interviewer.download([recording["id"]], "speech")
        assert speech.startswith(b"OggS")
        os.kill(pid, signal.SIGKILL)  # it is brought back, and has kept everything
        pid = wait_for(lambda: server_process(server.pid) not in (None, pid) and own.is_up())
        assert interviewer.download([recording["id"]], "speech") == [speech]
        pid = server_process(server.pid)
        assert not (server.data_dir / "media").exists()
        candidate.http.close()
        interviewer.http.close()
    assert facts_of(pid) is None


def prepared(interviewer, session_id):
    answers = interviewer.session(session_id)["answers"]
    found = [recording for answer in answers for recording in answer["recordings"]]
    return next((recording for recording in found if recording["state"] == "available"), None)
