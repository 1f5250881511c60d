"""The command line: ``svcquality report | check | accept | audit | codebook | simulate | inspect | …``."""

from __future__ import annotations

import os
import signal
import sys

# Before numpy is imported anywhere: one thread a process, so that sums come out in one order and
# the same records give the same bytes.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("MPLBACKEND", "Agg")


def main() -> None:
    """Run the command line; errors become one sentence and an exit code, never a traceback.

    Exit codes: 0 done, 1 numbers drifted, 2 the input cannot be worked with, 70 an error of
    svcquality itself, 130 interrupted.
    """
    from svcquality.cli.commands import app
    from svcquality.errors import InputError

    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        sys.exit(app(prog_name="svcquality", standalone_mode=False) or 0)
    except InputError as error:
        _stop(f"svcquality: {error}", 2)
    except KeyboardInterrupt:
        _stop(
            "svcquality: interrupted; nothing half-written was left. Run it again to resume.", 130
        )
    except Exception as error:
        _stop_for(error)


def _stop_for(error: Exception) -> None:
    import click

    if isinstance(error, click.ClickException):
        error.show()
        sys.exit(2)
    if isinstance(error, click.Abort):
        _stop("svcquality: interrupted.", 130)
    if os.environ.get("SVCQUALITY_DEBUG"):
        raise error
    _stop(
        f"svcquality: an error of its own ({type(error).__name__}: {error}). "
        "Set SVCQUALITY_DEBUG=1 to see where, and please report it.",
        70,
    )


def _stop(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(code)
