"""Run a module as a child that cannot outlive its parent: python -m ops.launch PID MODULE ARGS."""

import runpy
import sys

from ops.processes import die_with_parent


def main() -> None:
    """Tie this process to its parent before anything else happens in it."""
    parent_pid, module, *rest = sys.argv[1:]
    die_with_parent(int(parent_pid))
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
