"""The OpenAPI document is true: whatever it allows or forbids is answered as it says, and never with a server error."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import desks
import pytest

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
]


@pytest.mark.skipif(importlib.util.find_spec("schemathesis") is None, reason="NO SCHEMA TESTS: schemathesis is missing")
@pytest.mark.parametrize(
    ("phases", "examples"),
    [("examples,fuzzing", 6), pytest.param("examples,coverage,fuzzing,stateful", 1000, marks=pytest.mark.campaign)],
)
def test_the_document_passes_schemathesis(tmp_path: Path, phases: str, examples: int) -> None:
    index = desks.demo_index(tmp_path)
    with desks.served(index, "--token", desks.TOKEN) as address:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/openapi.json"]
        options = ["--checks", ",".join(CHECKS), "--max-examples", str(examples), "--phases", phases, "--seed", "1"]
        done = subprocess.run(
            [*command, *options, "--no-color", "-H", f"Authorization: Bearer {desks.TOKEN}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "Tested: 10" in done.stdout
