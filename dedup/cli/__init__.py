"""The command line: declare, call, print."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    try:
        from dedup.cli.app import main as run
    except KeyboardInterrupt:  # while it loads
        sys.exit(130)
    run()
