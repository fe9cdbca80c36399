"""One event to 1, 200 and (`--full`) 1,000 streams of Server-Sent Events of one run."""

from benchmarks import fanout
from benchmarks.crowd import Ear, stream_request

if __name__ == "__main__":
    fanout.main(
        lambda run_id, cookie: stream_request(f"/api/v1/analysis/{run_id}/stream", cookie), Ear
    )
