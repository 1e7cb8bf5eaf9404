"""What a benchmark ran on, and what it took there."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dedup.bench.machine import describe as described

MB, GB = 10**6, 10**9


def describe() -> str:
    """The machine in a line: processor, cores, memory, versions."""
    this = described()
    return (
        f"{this.processor}, {this.cores} cores, {this.memory / GB:.0f} GB; {this.system}, Python {this.python}, "
        f"NumPy {this.numpy}, Arrow {this.arrow}; {time.strftime('%Y-%m-%d')}"
    )


def memory(pid: int | str = "self") -> dict[str, int]:
    """Bytes of a process by the names of /proc/PID/status, such as VmHWM (peak) and RssAnon; empty once it is gone.

    getrusage would not do: a child's peak begins with that of the process that started it.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    sizes = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): 1024 * int(size) for name, size, _ in sizes}


class Ran(NamedTuple):
    """What a process took. memory: peak of all that is resident, pages of mapped files with it; own: peak of what is no
    file's, seen every 20 ms; both bytes. said: its standard output."""

    seconds: float
    memory: int
    own: int
    said: bytes


def run(command: Sequence[str], meanwhile: Callable[[float], None] = lambda _: None) -> Ran:
    """Run a command from its start to its end; a failure of it ends this process.

    meanwhile: is called every 20 ms, with the seconds since the start.
    """
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    peak = own = 0
    ended = os.pidfd_open(child.pid)
    try:
        while not select.select([ended], [], [], 0.02)[0]:
            used = memory(child.pid)
            peak, own = max(peak, used.get("VmHWM", 0)), max(own, used.get("RssAnon", 0))
            meanwhile(time.perf_counter() - start)
        seconds = time.perf_counter() - start
    finally:
        os.close(ended)
    said = child.communicate()[0]
    if child.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {child.returncode}")
    return Ran(seconds, peak, own, said)


class Spread(NamedTuple):
    """Several runs of the same."""

    minimum: float
    median: float
    maximum: float

    def shown(self, form: str = ",.1f") -> str:
        return " ".join(f"{value:{form}}" for value in self)


def spread(values: Sequence[float]) -> Spread:
    """Of one value or more."""
    return Spread(min(values), float(np.median(values)), max(values))


def marked(checks: dict[str, bool]) -> str:
    """The checks, a line each."""
    return "\n".join(f"{'holds' if holds else 'FAILS'}  {name}" for name, holds in checks.items())


def ended(told: dict[str, Any], as_json: bool, show: Callable[[dict[str, Any]], None]) -> int:
    """Print what a benchmark found, as one JSON object or shown; returns its exit code, 1 where a check fails."""
    if as_json:
        print(json.dumps(told))
    else:
        show(told)
    return 0 if all(told["checks"].values()) else 1
