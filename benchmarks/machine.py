"""What a benchmark ran on, and what it took there."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

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


def marked(checks: dict[str, bool]) -> str:
    """The checks, a line each."""
    return "\n".join(f"{'holds' if holds else 'FAILS'}  {name}" for name, holds in checks.items())
