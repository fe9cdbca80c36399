"""Run all benchmarks, or those that are named, each in a process of its own."""

import subprocess
import sys
from pathlib import Path

ALL = (
    "admin_dlq",
    "audio_bytes",
    "enqueue_latency",
    "health_scale",
    "http_data_only",
    "http_serializer",
    "job_claim_scale",
    "job_throughput",
    "lifecycle_model",
    "list_scale",
    "llm_tokens",
    "progress_e2e",
    "question_cache",
    "retry_cost",
    "s3_ops",
    "sign_url",
    "sse_fanout",
    "transcribe_rtf",
    "upload_stream",
    "ws_fanout",
)


def main() -> int:
    """Return how many of them failed, or missed their goal."""
    wanted = sys.argv[1:] or list(ALL)
    if unknown := set(wanted) - set(ALL):
        print(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(ALL)}")
        return 1
    missed = 0
    for name in wanted:
        print(f"\n== {name}", flush=True)
        result = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", f"benchmarks.{name}"],
            cwd=Path(__file__).parents[1],
            check=False,
        )
        missed += result.returncode != 0
    return missed


if __name__ == "__main__":
    sys.exit(main())
