"""A benchmark, run as a user runs it, and what it says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType


def holds(benchmark: ModuleType, checks: int) -> None:
    """Run a script that prints one JSON object, show what it measured, and expect all of its checks to hold."""
    assert benchmark.__file__
    done = subprocess.run([sys.executable, benchmark.__file__, "--json"], stdout=subprocess.PIPE, check=False)
    told = json.loads(done.stdout)
    benchmark.show(told)
    assert len(told["checks"]) == checks
    assert [name for name, held in told["checks"].items() if not held] == []
