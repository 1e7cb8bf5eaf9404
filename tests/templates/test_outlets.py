"""One outlet has one name, however its articles spell it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from dedup.templates.outlets import normalised, seed, seeds


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("harbour post", ["Harbour Post", "HARBOUR POST", "The Harbour Post", " harbour  post online", "Harbour-Post"]),
        ("kite", ["Kite News", "Kite (Online)", "Kite Online News", "Kite - News", "www.kite.com", "kite.org"]),
        ("kite", ["kite.co.uk", "KITE.COM.AU", "Kite (Web News)", "The Kite - Opinion"]),
        ("news kite", ["news.kite.com", "www.news.kite.co.in"]),
        ("online", ["Online", "The Online News"]),
        ("the", ["The"]),
        ("समय भारत", ["समय भारत", "समय भारत Online"]),
        ("晨报", ["晨报", "晨报 News"]),
        ("", ["", "  ", "-", "..."]),
    ],
)
def test_spellings_of_an_outlet_are_one_name(name: str, spellings: list[str]) -> None:
    assert {normalised(spelling) for spelling in spellings} == {name}


def test_outlets_of_other_names_stay_apart() -> None:
    names = ["Kite", "Kite Weekly", "edition.kite.com", "Kites", "Online Kite", "News of the Kite", "co.uk"]
    assert len({normalised(name) for name in names}) == len(names)


def test_the_seeds_of_a_column_are_those_of_its_names() -> None:
    names = ["Kite News", None, "kite.com", "Harbour Post", "", "Kite News"]
    for column in (pa.array(names), pa.chunked_array([names[:2], names[2:]]), pa.array(["x", *names])[1:]):
        assert seeds(column).tolist() == [seed(name) for name in names]
    assert (seed(None), seed(" "), seed("Kite News")) == (0, 0, seed("www.kite.com"))
