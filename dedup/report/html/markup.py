"""HTML as a type: a str that is not Html is text, and is escaped where it enters a tag.

So that forgetting to escape is not possible; only `Html(...)` itself vouches for what it is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from dedup.report.text import visible

_VOID = frozenset({"br", "hr", "link", "meta", "input"})


class Html(str):
    """Markup of ours. Templates that know `__html__`, as Jinja's, take it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


EMPTY = Html()


def text(said: str) -> Html:
    """said with nothing that a browser obeys: markup, control characters, reversed directions, lone surrogates."""
    return said if isinstance(said, Html) else Html(escape(visible(said)))


def joined(parts: Iterable[str], between: str = "") -> Html:
    """parts, each as text unless it is Html."""
    return Html(text(between).join(map(text, parts)))


def tag(name: str, /, *inside: str, **attributes: str | float | bool | None) -> Html:
    """<name attributes>inside</name>.

    class_ is class, data_label is data-label; True is an attribute without value, None and False are none.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(inside)}</{name}>")


def link(url: str | None, /, *inside: str, **attributes: str | float | bool | None) -> Html:
    """inside as a link to another site; just inside where url is not one of http or https."""
    if not is_web(url):
        return joined(inside)
    return tag("a", *inside, href=url, rel="noopener noreferrer nofollow", **attributes)


def is_web(url: str | None) -> bool:
    """Whether url is one of http or https with a host, and no character in it that a browser would drop."""
    if url is None or any(c <= " " or "\x7f" <= c <= "\x9f" for c in url):
        return False
    try:
        parted = urlsplit(url)
    except ValueError:
        return False
    return parted.scheme in ("http", "https") and bool(parted.netloc)


def _attribute(key: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {key}"
    said = f"{value:g}" if isinstance(value, float) else str(value)
    return f' {key}="{escape(visible(said))}"'
