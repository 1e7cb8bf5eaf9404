"""Every error that dedup raises on purpose, and nothing else.

    DedupError                1   an error of ours
    ├── UsageError            2   options that do not go together
    ├── BadInput              3   nothing usable was given
    │   ├── MissingInput          no such file or folder
    │   ├── EmptyInput            no article in what was given
    │   ├── UnreadableInput       a file that is damaged, cut short or not what it claims
    │   ├── MissingField          no column holds the text
    │   ├── TooLarge              a record or file above its limit
    │   └── UnknownFormat         neither the name nor the content tells the format
    ├── NotFound              3   no such article or story in the index
    │   └── ForgottenCommit       a commit too old for its changes to be known
    ├── NoIndex               3   no index at this path
    ├── IndexExists           3   there is an index already
    ├── DamagedIndex          4   a byte is not what was written
    ├── IncompatibleIndex     4   another format, text version or parameters
    ├── IndexLocked           5   another writer is at work
    ├── NoSpace               6   the disk is full
    ├── DiskError             1   the system refuses to read or write
    ├── LargeStory            1   more hangs together by links than one task may hold
    ├── CollidingBodies       1   two bodies have one number
    ├── SparkFailed           1   Spark gave up a job
    ├── MissingJava           1   Spark has no Java to run on
    ├── Busy                  1   a server has no time
    └── MissingExtra          1   an optional package is not installed

The docstring is the message, filled from the fields that the error is raised with;
the class knows the exit code of the command line.
"""

from __future__ import annotations

import inspect
from typing import Any


class DedupError(Exception):
    """Something went wrong."""

    exit_code = 1

    def __init__(self, **fields: Any) -> None:
        super().__init__(fields)
        self.fields = fields

    def __str__(self) -> str:
        message = inspect.cleandoc(type(self).__doc__ or "").replace("\n", " ")
        return message.format(**self.fields)


class UsageError(DedupError):
    """{problem}"""

    exit_code = 2


class BadInput(DedupError):
    """{problem}"""

    exit_code = 3


class MissingInput(BadInput):
    """{path} does not exist: give a file, a folder, or - for standard input."""


class EmptyInput(BadInput):
    """{path} holds no article: nothing was indexed."""


class UnreadableInput(BadInput):
    """{path} cannot be read as {format}: {reason}."""


class MissingField(BadInput):
    """{path} has no column for the text (found: {found}): name it with --map text=COLUMN."""


class TooLarge(BadInput):
    """{path}: {what} of {size} bytes is above the limit of {limit}."""


class UnknownFormat(BadInput):
    """{path} is of no known format: name it with --format jsonl|csv|parquet|text|html."""


class NotFound(DedupError):
    """No {what} {id} in {path}."""

    exit_code = 3


class ForgottenCommit(NotFound):
    """What changed since commit {since} is no longer known in {path}: the oldest commit to ask for is {oldest}."""


class NoIndex(DedupError):
    """There is no index at {path}: make one with `dedup index SOURCE -i {path}`."""

    exit_code = 3


class IndexExists(DedupError):
    """There is an index at {path} already: add to it with `dedup index SOURCE -i {path}`."""

    exit_code = 3


class DamagedIndex(DedupError):
    """{file} is damaged at byte {offset}"""

    exit_code = 4

    def __str__(self) -> str:
        # The manifest says what every other file must be: without it nothing is known to be whole.
        if self.fields["file"] != "manifest.json":
            return f"{super().__str__()}: run `dedup check --repair`."
        return (
            f"{super().__str__()} and cannot be repaired: restore the folder from a copy, or index its articles again."
        )


class IncompatibleIndex(DedupError):
    """{path} was written with {found}, this dedup wants {wanted}: {remedy}."""

    exit_code = 4


class IndexLocked(DedupError):
    """{path} is being written by process {pid}: wait until it ends."""

    exit_code = 5


class NoSpace(DedupError):
    """No space is left to write {file}: the last commit is intact; free some space and run again."""

    exit_code = 6


class DiskError(DedupError):
    """{file} cannot be {done}: {reason}; what was committed before is intact."""


class SparkFailed(DedupError):
    """Spark gave it up: {reason}"""


class MissingJava(DedupError):
    """Spark runs on Java, 17 or newer, and there is none: install one (apt-get install openjdk-17-jre-headless), or set
    JAVA_HOME."""


class LargeStory(DedupError):
    """{texts} different texts in {articles} articles at most hang together by links, and one task may hold {largest} in
    {most}: give executors 4 kB of memory for each text and raise --largest, or take out the articles of what links
    them (a standing box)."""


class CollidingBodies(DedupError):
    """The text of {id} and another one have the same 64-bit digest: take one of them out."""


class Busy(DedupError):
    """Too many requests wait for an answer: try again in a moment."""


class MissingExtra(DedupError):
    """{feature} needs a package that is not installed: pip install 'wire-dedup[{extra}]'."""
