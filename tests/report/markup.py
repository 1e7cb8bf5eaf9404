"""A page as a browser takes it: every tag with its attributes, and the text between them."""

from __future__ import annotations

import base64
import dataclasses
import zlib
from html.parser import HTMLParser


@dataclasses.dataclass
class Seen:
    tags: list[tuple[str, dict[str, str | None]]] = dataclasses.field(default_factory=list)
    text: list[str] = dataclasses.field(default_factory=list)
    scripts: list[str] = dataclasses.field(default_factory=list)

    @property
    def said(self) -> str:
        return "".join(self.text)

    def having(self, name: str, **attributes: str) -> list[dict[str, str | None]]:
        return [found for tag, found in self.tags if tag == name and attributes.items() <= found.items()]


class _Reader(HTMLParser):
    VOID = frozenset({"br", "hr", "link", "meta", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), attrs
        self.seen.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            self.seen.scripts.append(data)
        else:
            self.seen.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def read(page: str) -> Seen:
    """What stands in page; raises AssertionError where its tags do not nest or it has a comment."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open, reader.open
    return reader.seen


def unpacked(page: str) -> list[str]:
    """The story pages that a large report has packed."""
    mark = '<script type="application/octet-stream">'
    parts = [part.partition("</script>")[0] for part in page.split(mark)[1:]]
    return [zlib.decompress(base64.b64decode(part)).decode() for part in parts]
