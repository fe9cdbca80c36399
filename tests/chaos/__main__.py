"""Run the storm and say whether every promise was kept: exit code 0 if so."""

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

LEASE_S = 6
GRACE_S = 20
LOOK_S = 0.2
LONG = 30  # kills: a storm of so many must have met every kind of disaster
# The policies of the product, quicker: a storm of minutes can't wait for delays of minutes.
HASTE = {
    "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
    "SECRET_KEY": "chaos-only-" + "k" * 50,
    "LEASE_S": str(LEASE_S),
    "WATCHDOG_STALE_S": "5",
    "DRAIN_S": "10",
    "SHORT_WORKERS": "3",
    "AUTOMATIC_REDRIVE_AFTER_H": "",
    "RETRY_POLICIES": json.dumps(
        {
            "fixed": {"base_s": 1},
            "network": {"base_s": 0.5, "cap_s": 2},
            "smart": {"base_s": 0.5, "cap_s": 2},
        }
    ),
}


def arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL and Redis, not SQLite")
    parser.add_argument("--sessions", type=int, default=20, help="of ten jobs each")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--recovery", type=float, default=15, help="seconds from a kill to a claim")
    parser.add_argument("--minutes", type=float, default=15, help="give up after so long")
    return parser.parse_args()


def main():
    wanted = arguments()
    seed = wanted.seed if wanted.seed is not None else secrets.randbelow(10**6)
    where = "PostgreSQL and Redis" if wanted.postgres else "SQLite"
    say(f"{wanted.sessions * 10} jobs, {wanted.kills} kills, seed {seed}, {where}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="candor-chaos-")))
        servers = start_servers(stack) if wanted.postgres else {}
        environment = {
            **HASTE,
            "DATA_DIR": str(folder),
            "DATABASE_URL": servers["postgres"].url if servers else "",
            "REDIS_URL": servers["redis"].url if servers else "",
        }
        os.environ.update(environment)
        return storm(folder, servers, seed, wanted)


def start_servers(stack):
    from tests import servers  # noqa: PLC0415 - needs the driver

    return {
        "postgres": stack.enter_context(servers.running(servers.Postgres)),
        "redis": stack.enter_context(servers.running(servers.Redis)),
    }


def storm(folder, servers, seed, wanted):
    """Set Django up on the folder's database, run everything, and report."""
    os.environ["CHAOS_OBSERVER"] = "1"
    import django  # noqa: PLC0415 - the environment had to be set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - as above

    from tests.chaos import disasters, fleet, invariants, load  # noqa: PLC0415 - as above

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("prepare_models", verbosity=0)
    rng = load.rng_of(seed)
    handed_in = load.hand_in(wanted.sessions, rng)
    workers = {k: v for k, v in os.environ.items() if k != "CHAOS_OBSERVER"}
    ours = fleet.Fleet(folder, workers)
    attack = disasters.Storm(
        fleet=ours,
        postgres=servers.get("postgres"),
        redis=servers.get("redis"),
        sqlite_file=folder / "candor.sqlite3",
        lease_s=LEASE_S,
    )
    started = time.monotonic()
    ours.start()
    rested = rage(attack, disasters.moments(wanted.kills, attack, rng), wanted, load, disasters)
    took_s = time.monotonic() - started
    code, left = ours.stop(GRACE_S)
    found = invariants.broken(handed_in)
    recovery_s = attack.recovery.longest_s
    found += list(around(rested, code, left, recovery_s, attack, wanted))
    report(handed_in, attack, took_s, recovery_s, found)
    if found:
        say((folder / "worker.log").read_text()[-4000:])
    return 1 if found else 0


def rage(attack, moments, wanted, load, disasters):
    """Strike at each moment until everything has ended; return whether it did in time."""
    from django.db import DatabaseError, InterfaceError, connection  # noqa: PLC0415 - set up by now

    give_up = time.monotonic() + wanted.minutes * 60
    progress = disasters.Progress(wanted.sessions * 10)
    while time.monotonic() < give_up:
        time.sleep(LOOK_S)
        attack.fleet.keep_up()
        try:
            attack.look_for_zombies()
            attack.recovery.look()
            progress.look()
            if moments and (progress.share >= moments[0][0] or progress.is_stuck()):
                if moments[0][2]():
                    moments.pop(0)
                    progress.moved()
            elif not moments and load.is_at_rest() and not attack.pending:
                return True
        except (DatabaseError, InterfaceError):  # it is under attack, and we see it like anybody
            connection.close()
    return False


def around(rested, code, left, recovery_s, attack, wanted):
    """What only the harness can have seen: 13 and 15."""
    if not rested:
        yield f"not everything had ended after {wanted.minutes} minutes"
    if code != 0:
        yield f"the supervisor ended with {code}: it did not drain"
    if left:
        yield f"{len(left)} processes were left over"
    if len(attack.kills) < wanted.kills:
        yield f"only {len(attack.kills)} of {wanted.kills} kills found their victim"
    if wanted.kills >= LONG and not any("slept" in note for note in attack.notes):
        yield "no worker was stopped until after its lease: the storm proves less than it should"
    if recovery_s > wanted.recovery:
        yield f"after a kill nothing was claimed for {recovery_s:.1f} s"


def report(handed_in, attack, took_s, recovery_s, found):
    """Print what happened and what became of it."""
    from collections import Counter  # noqa: PLC0415 - only here

    from ops.models import Attempt, Job  # noqa: PLC0415 - as above

    roles = Counter(attack.kills)
    outcomes = Counter(Attempt.objects.values_list("outcome", flat=True))
    ends = Counter(Job.objects.values_list("state", "failure_code"))
    say(f"killed: {dict(roles)}; {'; '.join(attack.notes)}")
    kinds = Counter(fault["kind"] for fault in handed_in.faults.values())
    say(f"planned: {len(handed_in.broken)} broken files, {dict(kinds)}")
    say(f"jobs: {dict(ends)}")
    say(f"attempts: {dict(outcomes)}")
    say(f"took {took_s:.0f} s; longest from a kill to the next claim {recovery_s:.1f} s")
    say("every promise was kept" if not found else "BROKEN:\n  " + "\n  ".join(found))


def say(text):
    print(text, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    sys.exit(main())
