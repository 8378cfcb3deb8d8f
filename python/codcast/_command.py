"""The `codcast` command: the same code as the binary."""

from __future__ import annotations

import signal
import sys

from codcast import _native


def main() -> int:
    """Run the command with this process's arguments and return its exit status."""
    # Ctrl-C ends the command at once, as it ends the binary; Python's handler would wait for us.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _native.main(["codcast", *sys.argv[1:]], _native.__file__)


if __name__ == "__main__":
    sys.exit(main())
