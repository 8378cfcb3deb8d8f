"""`python -m codcast`: the command."""

import sys

from codcast._command import main

if __name__ == "__main__":
    sys.exit(main())
