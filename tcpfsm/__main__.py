"""``python -m tcpfsm`` and the console script."""

import sys

from tcpfsm.cli import main

if __name__ == "__main__":
    sys.exit(main())
