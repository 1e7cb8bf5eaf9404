"""A standalone cluster of Spark on loopback: a master and two workers of one core, as the pip package starts them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
_WAIT = 60.0


class Cluster:
    """Processes of one cluster. url: of its master."""

    def __init__(self, folder: Path) -> None:
        import pyspark

        self._folder = folder
        self._class = Path(pyspark.__file__).parent / "bin" / "spark-class"
        self._workers: list[subprocess.Popen[bytes]] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"spark://127.0.0.1:{port}"
        self._master = self._start(_MASTER, "--port", str(port))
        deadline = time.monotonic() + _WAIT
        while not _listens(port):
            assert time.monotonic() < deadline, "the master does not listen"
            time.sleep(0.1)

    def add_worker(self) -> None:
        number = time.monotonic_ns()
        work = self._folder / f"worker-{number}"
        size = ("--cores", "1", "--memory", "8g", "--work-dir", str(work))  # nobody takes it before it is needed
        self._workers.append(self._start(_WORKER, *size, self.url))

    @property
    def pids(self) -> list[int]:
        """Of the workers."""
        return [worker.pid for worker in self._workers]

    def environment(self) -> dict[str, str]:
        """Of all processes that have to do with the cluster."""
        return {
            **os.environ,
            "SPARK_LOCAL_DIRS": str(self._folder / "local"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
            "PYSPARK_PYTHON": sys.executable,
        }

    def kill_worker(self) -> None:
        """As a machine goes: the worker and its executor at once."""
        worker = self._workers.pop(0)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def stop(self) -> None:
        for process in (*self._workers, self._master):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, main: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [str(self._class), main, "--host", "127.0.0.1", "--webui-port", "0", *arguments]
        log = (self._folder / f"{main.rpartition('.')[2]}-{time.monotonic_ns()}.log").open("wb")
        with log:
            return subprocess.Popen(command, env=self.environment(), stdout=log, stderr=log, start_new_session=True)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def family(pid: int) -> list[int]:
    """A process and all that it started, and those started."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in parentheses, may have any characters.
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which(f"{home}/bin/java") if home else shutil.which("java")


def executors(session: SparkSession) -> int:
    """How many the driver knows, itself left out."""
    return int(session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()) - 1


def wait_for_executors(session: SparkSession, count: int) -> None:
    deadline = time.monotonic() + _WAIT
    while executors(session) < count:
        assert time.monotonic() < deadline, f"no {count} executors"
        time.sleep(0.1)
