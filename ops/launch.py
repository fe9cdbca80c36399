"""Run a module as a child that cannot outlive its parent: python -m ops.launch PID MODULE ARGS.

With --program in place of a module, another program takes this process over, tied as well.
"""

import os
import runpy
import sys

from ops.processes import die_with_parent


def main() -> None:
    """Tie this process to its parent before anything else happens in it."""
    parent_pid, module, *rest = sys.argv[1:]
    die_with_parent(int(parent_pid))
    if module == "--program":
        os.execv(rest[0], rest)  # noqa: S606 - what the settings name; the tie outlives this
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
