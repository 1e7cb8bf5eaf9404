"""Separators that the tokeniser tells apart, by code point, with those that NFKC turns into them."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from numba import njit


@njit(inline="always")
def is_space(point):
    return (
        point == 0x20
        or 0x09 <= point <= 0x0D
        or point == 0x85
        or point == 0xA0
        or 0x2000 <= point <= 0x200A
        or point == 0x2028
        or point == 0x2029
        or point == 0x202F
        or point == 0x205F
        or point == 0x3000
    )


@njit(inline="always")
def is_colon(point):
    return point == 0x3A or point == 0xFF1A or point == 0xFE55 or point == 0xFE13


@njit(inline="always")
def is_dash(point):
    return (
        point == 0x2D
        or 0x2013 <= point <= 0x2015
        or point == 0xFF0D
        or point == 0xFE63
        or point == 0xFE58
        or point == 0xFE31
        or point == 0xFE32
    )


@njit(inline="always")
def is_bracket(point):
    return point == 0x28 or point == 0xFF08 or point == 0xFE59 or point == 0xFE35 or point == 0x207D or point == 0x208D


@njit(inline="always")
def is_at(point):
    return point == 0x40 or point == 0xFF20 or point == 0xFE6B


@njit(inline="always")
def is_stop(point):
    """A mark that ends a sentence whatever follows: ! ? 。 । ॥ ؟ ۔ and what NFKC makes them of."""
    return (
        point == 0x21
        or point == 0x3F
        or point == 0x0964
        or point == 0x0965
        or point == 0x3002
        or point == 0x061F
        or point == 0x06D4
        or point == 0x203C
        or 0x2047 <= point <= 0x2049
        or point == 0xFE12
        or point == 0xFE15
        or point == 0xFE16
        or point == 0xFE56
        or point == 0xFE57
        or point == 0xFF01
        or point == 0xFF1F
        or point == 0xFF61
    )


@njit(inline="always")
def is_dot(point):
    """A mark that ends a sentence where no token follows at once: . … and what NFKC makes them of."""
    return (
        point == 0x2E
        or 0x2024 <= point <= 0x2026
        or point == 0xFE19
        or point == 0xFE30
        or point == 0xFE52
        or point == 0xFF0E
    )
