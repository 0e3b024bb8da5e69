"""Make what follows from the roles' argument specs and from the list of roles.

`make generate` runs it. It names what it writes, and leaves alone what is as it should be.
"""

import sys

from .files import stale, write
from .specs import ROOT


def main() -> int:
    """Write what is stale, and name it."""
    for path in stale():
        write(path)
        print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
