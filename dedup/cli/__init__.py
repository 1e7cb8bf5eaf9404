"""The command line: declare, call, print."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

__all__ = ["main"]

_GARBAGE = 200_000


class _WithoutPandas:
    """A finder of modules to which pandas is not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    # Of a query's 0.4 s of processor time the garbage collector took 0.06, looking at modules as they load and at
    # everything once more at the end.
    gc.set_threshold(_GARBAGE)
    # Products of matrices, of which there are none: NumPy would start threads for them (0.05 s), and Numba load SciPy's
    # (0.12 s) where it is there.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.modules.setdefault("scipy", None)  # type: ignore[arg-type]
    # Arrow loads pandas, where it is there, with the first array that it makes (0.4 s); Spark alone has a use for it.
    if not any("spark" in argument for argument in sys.argv):
        sys.meta_path.insert(0, _WithoutPandas())
    try:
        from dedup.cli.app import main as run

        run()
    except KeyboardInterrupt:  # while it loads
        sys.exit(130)
    finally:
        gc.freeze()
