"""`dedup`: the commands, how errors are told, and with which code it exits.

Nothing heavy is loaded before a command runs: `dedup --help` knows no Arrow and no Numba.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from dedup.cli import (
    bench,
    check,
    clean,
    cluster,
    compact,
    compare,
    demo,
    evaluate,
    export,
    import_,
    index,
    info,
    outlets,
    query,
    remove,
    serve,
    stories,
    story,
    templates,
    tune,
    watch,
)
from dedup.cli import report as reporting
from dedup.cli.quick import Verb, hastened
from dedup.errors import DedupError, NoSpace

INTERRUPTED = 130


class Commands(TyperGroup):
    """Runs a command so that what it raises becomes a message and a code."""

    def get_params(self, ctx: Any) -> list[Any]:
        return hastened(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        with _told():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
    name="dedup",
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help: Rich's panels would load 60 ms of modules for a few lines.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
# The order of a first day: look, index, ask, take out, inspect.
_VERBS: list[Callable[..., None]] = [
    *(demo.demo, index.index, stories.stories, story.story, query.query, serve.serve, watch.watch),
    *(compare.compare, outlets.outlets, reporting.report, clean.clean, export.export),
    *(cluster.cluster, import_.import_, evaluate.evaluate, tune.tune),
    *(remove.remove, compact.compact, templates.templates, info.info, check.check, bench.bench),
]
for _verb in _VERBS:
    app.command(_verb.__name__.rstrip("_"), cls=Verb)(_verb)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        try:
            typer.echo(f"dedup {metadata.version('wire-dedup')}")
        except metadata.PackageNotFoundError:
            typer.echo("dedup, not installed")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Find every republication of a wire story across news outlets.

    \b
    Example: dedup demo
             dedup index articles.jsonl && dedup stories
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal in another encoding than UTF-8 must not end a listing half-way.
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app(prog_name="dedup")
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        code = _unexpected(error)
    sys.exit(_flushed(code))


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what may happen to any command into a message and typer's Exit."""
    try:
        yield
    except DedupError as error:
        _say(str(error))
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader has seen enough, as in `dedup stories | head`.
        _silence()
        raise typer.Exit(0) from None
    except OSError as error:
        raise typer.Exit(_refused(error)) from None


def _refused(error: OSError) -> int:
    """What the system would not do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        full = NoSpace(file=error.filename or "standard output")
        _say(str(full))
        return full.exit_code
    _say(str(error.strerror or error) + (f": {error.filename}" if error.filename else ""))
    return DedupError.exit_code


def _unexpected(error: Exception) -> int:
    from dedup.report.text import plain

    _say(f"unexpected {type(error).__name__}: {plain(str(error))}")
    if not os.environ.get("DEDUP_DEBUG"):
        _say("this is a fault of dedup: run it again with DEDUP_DEBUG=1 and report what it prints")
    return DedupError.exit_code


def _say(message: str) -> None:
    """message on stderr; with the way that led to it where DEDUP_DEBUG is set."""
    if os.environ.get("DEDUP_DEBUG"):
        traceback.print_exc()
    shown = "".join(c if c.isprintable() else " " for c in message)
    with contextlib.suppress(OSError):
        print(f"dedup: {shown}", file=sys.stderr)


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        code = _refused(error)
        _silence()
    return code


def _silence() -> None:
    """Send what standard output still holds to nowhere, or the interpreter complains as it ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
