"""A server of an index of 100,000 articles answers in time, and many at once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import serving


@pytest.mark.campaign
def test_fifty_clients_for_a_minute_beside_slow_ones() -> None:
    done = subprocess.run([sys.executable, serving.__file__, "--json"], stdout=subprocess.PIPE, check=False)
    told = json.loads(done.stdout)
    serving.show(told)
    assert len(told["checks"]) == 7
    assert [name for name, holds in told["checks"].items() if not holds] == []
