from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dedup.cli import options
from dedup.errors import MissingExtra, UsageError


def serve(
    index: options.Index = options.INDEX,
    host: Annotated[str, typer.Option("--host", help="Another address than this machine's needs a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8000,
    token: Annotated[
        str | None, typer.Option("--token", metavar="TEXT", envvar="DEDUP_TOKEN", help="Needed to add articles.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", metavar="FILE", help="A file that holds the token.")
    ] = None,
    names: Annotated[
        list[str] | None, typer.Option("--name", metavar="HOST", help="A host name that leads here; may be repeated.")
    ] = None,
    seconds: Annotated[float, typer.Option("--timeout", min=0.1, max=3600, help="Seconds that a request has.")] = 30.0,
) -> None:
    """Show an index as web pages and an HTTP API.

    New commits appear as they are made. Only this machine can reach it; with another --host every
    request needs the token, in a browser as the password of any name.

    \b
    Example: dedup serve -i news
             dedup serve --host 0.0.0.0 --name desk.example --token-file token.txt
    """
    try:
        from dedup.serve import server
        from dedup.serve.settings import Settings, read_token
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "dedup":
            raise
        raise MissingExtra(feature="dedup serve", extra="serve") from None
    if token is not None and token_file is not None:
        raise UsageError(problem="both --token and --token-file: give one")
    given = read_token(token_file) if token_file else token
    settings = Settings(index, host, port, given, tuple(names or ()), seconds)
    server.run(settings, ready=lambda address: typer.echo(f"dedup: {address}", err=True))
