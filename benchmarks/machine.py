"""What a benchmark ran on, and what it took there."""

from __future__ import annotations

import os
import platform
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

MB, GB = 10**6, 10**9


def describe() -> str:
    """The machine in a line: processor, cores, memory, versions."""
    about = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1] for line in about.read_text().splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
    return (
        f"{' '.join((names or [platform.machine()])[0].split())}, {os.cpu_count()} cores, {memory:.0f} GB; "
        f"Linux {platform.release()}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"Arrow {pa.__version__}; {time.strftime('%Y-%m-%d')}"
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
