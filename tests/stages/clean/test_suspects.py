"""No line that carries a mark is spared the patterns, whatever stands around it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.stages.clean import agencies, marks, text
from dedup.stages.clean.lines import buffers, find_lines
from dedup.stages.clean.suspects import suspects

NAMES = st.sampled_from(sorted(agencies.FORMS))
DAYS = [
    "May 4",
    "4 May",
    "Nov. 12",
    "3rd July, 2020",
    "Sept 3",
    "3 नवंबर",
    "JAN 4",
    "August 30",
    "2020-05-04",
    "9:27 a.m.",
]
HEADS = [
    *(
        "By ",
        "Written by ",
        "Story  by ",
        "Reported by ",
        "Compiled By: ",
        "Updated: ",
        "Last updated on ",
        "Posted ",
        "Date: ",
    ),
    *(
        "First published ",
        "प्रकाशित: ",
        "Source: ",
        "via ",
        "Agency\u00a0: ",
        "स्रोत: ",
        "The ",
        "(",
        "[",
        "（",
        "【",
        "— ",
        "-",
    ),
    *(
        "New Delhi, ",
        "WASHINGTON ",
        "Rio de Janeiro, ",
        "TOPEKA, Kan. ",
        "नई दिल्ली, ",
        "L’AQUILA, ",
        "O’HARE ",
        "北京",
        "MOSCOW, June 3. /",
        "नई दिल्ली, तीन नवंबर",
        "MUMBAI: ",
    ),
]
TAILS = [
    *(
        ")",
        "]",
        "）",
        " — ",
        ") - ",
        ": ",
        " -- ",
        "】",
        "电 ",
        "電",
        ")।",
        " News Agency",
        " Staff Writer",
        " ms/vd",
        " KNR DIV.",
    ),
    *(
        " contributed to this report.",
        " contributed reporting from Delhi.",
        "(with inputs from ",
        " inputs",
        " Inputs by Rao",
    ),
    *(
        "Contributing: ",
        "Contributors Ann Lee",
        "Additional reporting by ",
        "Reporting by Ann; Editing by Bob",
        "(Writing by Ann)",
    ),
    *(
        "Ann reported from ",
        "Bob wrote from Paris and Rome.",
        "Material from ",
        " was used in this report.",
        "अमित माधव",
    ),
    *("Disclaimer: ", "This story is from an agency feed.", "This report was auto-generated from a syndicated feed."),
    *("The article has not been edited.", "This post is published without any changes from agency feeds", "डिस्क्लेमर: "),
    *(
        "© 2020",
        "(c) 2020",
        "Copyright 2020",
        "All rights reserved.",
        "2020 Bloomberg L.P.",
        "2019 Bloomberg LP",
        "with wires",
    ),
    *(
        "इनपुट",
        "यह खबर सिंडिकेट फीड से",
        "से प्राप्त",
        "agency reports",
        "With files from ",
        "Distributed by ",
        "/. ",
        ", New Delhi: ",
        *("Follow us on Twitter", "Click here to get the app", "READ MORE: ", "Sign up for daily newsletters"),
        *("Contact the writer at a@example.com", "Get the latest news live", "Have a tip?", "यह भी पढ़ें: "),
        "Wire reports",
        "This story was reported by ",
        "Transcripts may not be in their final form.",
        "The view expressed here is the author's.",
        "Opinions expressed are their own.",
        "It does not necessarily reflect our views.",
        "Permission is hereby granted to copy it.",
        "Reprinted with permission.",
        "Free content is available without charge to all, under a Creative Commons licence",
        "This article originally appeared ",
        "This story was first published ",
        "THIS ESSAY IS REPUBLISHED ",
        "(This work was funded by us",
        "This post is part of a series.",
        "***",
        "—",
    ),
]
WORDS = [
    "The gate held.",
    "said “no”.",
    "Ann Lee",
    "Jr.",
    "of",
    "the",
    "| ",
    "/",
    ", ",
    ". ",
    " ",
    "।",
    "\u00a0",
    "हुई",
    "。",
    "1",
    "…",
]
LINES = st.lists(
    st.one_of(NAMES, *(st.sampled_from(some) for some in (DAYS, HEADS, TAILS, WORDS))), min_size=1, max_size=7
).map("".join)


def is_marked(line: str) -> tuple[bool, bool]:
    """Whether a first line, a last line may carry a mark, by the patterns themselves."""
    head = marks.is_rule(line) or marks.dateline(line, first=True) or marks.byline(line)
    tail = marks.ending(line) or any(marks.closing(line, first=False, last=last) for last in (True, False))
    return bool(head), bool(tail)


@settings(max_examples=1000, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=5), st.integers(0, 80))
@example(["PTI KNR DIV.", "The gate held. PTI"], 0)
@example(["Ann Lee, Reuters, May 4, 2020"], 0)
def test_a_line_that_carries_a_mark_is_looked_at(some: list[str], padding: int) -> None:
    # Each stands first and last in an article of its own, wherever that lies in a block.
    some = [line for line in (line.strip(marks.WHITE) for line in some) if line]
    found = find_lines(*buffers(pa.array([" " * padding + line for line in some], pa.large_string())))
    bare, rows = suspects(found, np.ones(len(some), np.bool_))
    for row, line in enumerate(some):
        head, tail = is_marked(line)
        flags = int(bare[found.first[row]])
        assert not (head and flags & text.BARE_HEAD), line
        assert not (tail and flags & text.BARE_TAIL), line
        assert row in rows or not (head or tail)


@settings(max_examples=300, deadline=None)
@given(LINES, LINES)
def test_a_long_line_without_marks_has_none_in_what_it_ends_with(start: str, end: str) -> None:
    end = (end + " The harbour was closed for six hours on Monday" * 3).strip(marks.WHITE)
    found = find_lines(*buffers(pa.array([start + " " + end], pa.large_string())))
    bare, _ = suspects(found, np.ones(1, np.bool_))
    if bare[0] & text.BARE_WHOLE and not marks.is_rule(end):
        assert not is_marked(end)[1]


def test_prose_is_spared() -> None:
    prose = ["The harbour was closed on Monday, officials said.", "“It held,” the captain said of the gate."] * 8
    found = find_lines(*buffers(pa.array(["\n".join(prose)], pa.large_string())))
    assert suspects(found, np.ones(1, np.bool_))[1].tolist() == []
