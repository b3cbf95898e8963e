"""``python -m tcpfsm`` and the console script.

Whoever presses Ctrl-C while the rest is imported, or a second time, sees no traceback either: so little stands here.
"""

import signal
import sys


def main() -> int:
    """Run the command line; return the exit code."""
    try:
        from tcpfsm.cli.main import main as run  # noqa: PLC0415, an import can be interrupted as well

        code = run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the answer is given, whoever interrupts now
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        from tcpfsm.i18n.language import tr  # noqa: PLC0415
        from tcpfsm.terminal.exit_codes import INTERRUPTED, complain  # noqa: PLC0415

        complain(tr("tcpfsm: interrupted"))
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
