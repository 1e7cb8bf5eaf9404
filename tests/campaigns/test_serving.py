"""A server of an index of 100,000 articles answers in time, and many at once."""

from __future__ import annotations

import measured
import pytest
import serving


@pytest.mark.campaign
def test_fifty_clients_for_a_minute_beside_slow_ones() -> None:
    measured.holds(serving, checks=7)
