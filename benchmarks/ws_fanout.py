"""One event to 1, 200 and (`--full`) 1,000 WebSockets of one run."""

from benchmarks import fanout
from benchmarks.crowd import SocketEar, socket_request
from benchmarks.harness import URL

if __name__ == "__main__":
    fanout.main(
        lambda run_id, cookie: socket_request(f"/ws/runs/{run_id}/", cookie, URL), SocketEar
    )
