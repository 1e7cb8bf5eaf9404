"""Tell what a text is: an article's text, a page saved as text, or HTML.

A page saved as text carries its menus, teasers and share buttons as many short lines that
end without punctuation. Most records are plain text, so the whole column is judged by its
line ends as one array, and only what could be a page is looked at more closely.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.kernels.compute import pc
from dedup.model import Kind

_SHORT = 90  # characters of a menu entry, a teaser, a headline at most
_FEW = 6  # such lines make no page: headings and lists of articles do that
_MANY = 30  # among paragraphs do, whatever their language

_ENDS = tuple(".!?\"'):;,”’…।॥。」！？")
_ASCII_ENDS = np.isin(np.arange(256), [ord(mark) for mark in _ENDS if mark.isascii()])
_WIDE_ENDS = np.array([int.from_bytes(mark.encode()) for mark in _ENDS if not mark.isascii()])  # of three bytes

_IS_HTML = r"(?i)^[\s\x{feff}]*(?:<\?xml[^>]{0,200}>\s*)?(?:<!doctype\s+html|<html|<head|<body)[\s>]"
# A fragment of a page that begins with a block, and has an end tag.
_IS_FRAGMENT = r"(?is)^[\s\x{feff}]*<(?:p|div|article|section|main|header|h[1-6]|ul|ol|table|figure)[\s>].*</"
_CLOSING_TAG = r"(?i)</(?:p|div|a|span|li|ul|ol|h[1-6]|strong|em|b|i|table|tr|td|section|article|figure|blockquote)\s*>"
_TAGS, _BYTES_A_TAG = 3, 1500

# Lines that stand on pages and not in articles.
_PAGE_LINES = (
    r"(?im)^[ \t]*(?:open in app|related (?:stories|articles|news|topics|posts|content)|realted stories|sections"
    r"|read more|read also|also read|most (?:read|popular|viewed|shared)|trending(?: now| stories)?|top stories"
    r"|recommended(?: for you| stories)?|you may (?:also )?like|more (?:stories|news|from .{1,40})|popular(?: posts)?"
    r"|latest (?:news|stories)|sign (?:in|up|out)|log ?in|register|subscribe(?: now| to .{1,60})?|newsletters?"
    r"|sign up for .{1,60}|follow us(?: on)?|share(?: this| on)?(?: .{1,40})?|facebook|twitter|whatsapp|instagram"
    r"|linkedin|pinterest|youtube|e-?mail|print|(?:\d+ )?comments?|leave a (?:reply|comment)|post a comment"
    r"|advertise with us|e-?paper|home|menu|search|skip to (?:main )?content|privacy policy|cookie policy|contact us"
    r"|terms (?:of (?:use|service)|(?:and|&) conditions)|about us|sitemap|all rights reserved\.?|tags?:?|next|previous"
    r"|(?:copyright|©).{0,80}|back to top|show more|load more|download (?:the )?app|get the app|live tv|photos|videos?"
    r"|संबंधित खबरें|और पढ़ें|यह भी पढ़ें|ये भी पढ़ें|होम|शेयर करें|ताज़ा खबरें|ट्रेंडिंग)[ \t\r:»>]*$"
)


def detect(texts: pa.Array) -> pa.Array:
    """The kind of each text: strings (n,) -> string (n,) of text, page, html; a null counts as empty.

    The answer for a text depends on that text alone.
    """
    texts = texts.cast(pa.large_string())
    if texts.null_count:
        texts = texts.fill_null("")
    angles, *lines = counts(texts)
    html = angles > 0
    if html.any():
        some = texts.filter(pa.array(html))
        begins = pc.or_(pc.match_substring_regex(some, _IS_HTML), pc.match_substring_regex(some, _IS_FRAGMENT))
        html[html] = begins.to_numpy(zero_copy_only=False)
    tagged = ~html & (angles >= 2 * _TAGS)
    if tagged.any():
        some = texts.filter(pa.array(tagged))
        tags = pc.count_substring_regex(some, _CLOSING_TAG).to_numpy()
        html[tagged] = (tags >= _TAGS) & (tags * _BYTES_A_TAG >= pc.binary_length(some).to_numpy())
    page = np.zeros(len(texts), bool)
    lined, furnished = _speaks_for_a_page(*lines)
    lined &= ~html
    if lined.any():
        said = pc.count_substring_regex(texts.filter(pa.array(lined)), _PAGE_LINES).to_numpy()
        page[lined] = said >= 2 - furnished[lined]
    names = np.where(html, 2, np.where(page, 1, 0)).astype(np.int8)
    words = pa.array([Kind.text.value, Kind.page.value, Kind.html.value])
    return pa.DictionaryArray.from_arrays(pa.array(names), words).cast(pa.string())


def of(text: str) -> Kind:
    """As detect, of one text, without kernels and where it can without Arrow's, which take longer to load."""
    angles, *lines = count(text)
    column = pa.array([text], pa.large_string())
    if angles and (_said(column, _IS_HTML) or _said(column, _IS_FRAGMENT)):
        return Kind.html
    tags = _said(column, _CLOSING_TAG) if angles >= 2 * _TAGS else 0
    if tags >= _TAGS and tags * _BYTES_A_TAG >= len(text.encode()):
        return Kind.html
    lined, furnished = _speaks_for_a_page(*lines)
    return Kind.page if lined and _said(column, _PAGE_LINES) >= 2 - furnished else Kind.text


def _said(column: pa.Array, pattern: str) -> int:
    """How often pattern matches the one text in column."""
    # What pyarrow.compute wraps: it makes hundreds of functions when it is loaded, which takes 0.04 s.
    from pyarrow import _compute

    found = _compute.call_function("count_substring_regex", [column], _compute.MatchSubstringOptions(pattern))
    return int(found[0].as_py())


def _speaks_for_a_page(lines: Any, shorts: Any, longs: Any) -> tuple[Any, Any]:
    """Whether a text has short lines enough for a page, and how much (0, 1, 2) they speak for one."""
    lined = (shorts >= _FEW) & (3 * shorts >= lines)
    half = 1 * (lined & (shorts >= 2 * _FEW) & (2 * shorts >= lines))
    most = 1 * (lined & (shorts >= _MANY) & (3 * shorts >= 2 * lines) & (longs >= 3))
    return lined, half + most


def counts(texts: pa.Array) -> tuple[NDArray[np.int64], ...]:
    """Of each text (large_string without nulls) what `count` says."""
    from dedup.kernels import pages  # for which a single text need not wait

    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    found = np.zeros((len(texts), 4), np.int64)
    glyphs = np.frombuffer(data or b"", np.uint8)
    if len(glyphs) < pages.BLOCK:
        glyphs = np.append(glyphs, np.zeros(pages.BLOCK, np.uint8))
    pages.counts(glyphs, bounds, _SHORT, _ASCII_ENDS, _WIDE_ENDS, found)
    return tuple(found.T)


def count(text: str) -> tuple[int, int, int, int]:
    """How often "<" stands in text; its lines that are not blank; those of them that are short and end without
    punctuation; the others that are long enough for a paragraph."""
    # Bytes a character, so that a headline in Devanagari is as short as one in English.
    size = len(text.encode())
    limit = _SHORT * (size / max(len(text), 1))
    lines = shorts = longs = 0
    for line in text.split("\n"):
        blank = line[len(line.rstrip(" \r\t")) :]
        bare = line.removesuffix(blank[-2:])  # \r, and a space before it
        size = len(bare.encode())
        is_short = size < limit and not bare.endswith(_ENDS)
        lines += size > 0
        shorts += size > 0 and is_short
        longs += not is_short and size >= _SHORT
    return text.count("<"), lines, shorts, longs
