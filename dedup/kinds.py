"""Tell what a text is: an article's text, a page saved as text, or HTML.

A page saved as text carries its menus, teasers and share buttons as many short lines that
end without punctuation. Most records are plain text, so the whole column is judged by its
line ends as one array, and only what could be a page is looked at more closely.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dedup.model import Kind

_SHORT = 90  # characters of a menu entry, a teaser, a headline at most
_FEW = 6  # such lines make no page: headings and lists of articles do that
_MANY = 30  # among paragraphs do, whatever their language

_ASCII_ENDS = np.isin(np.arange(256), list(b".!?\"'):;,"))
_WIDE_ENDS = np.array([int.from_bytes(mark.encode()) for mark in "”’…।॥。」！？"])  # of three bytes

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
    texts = texts.cast(pa.large_string()).fill_null("")
    angles, lined, furnished = _suspects(texts)
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
    lined &= ~html
    if lined.any():
        said = pc.count_substring_regex(texts.filter(pa.array(lined)), _PAGE_LINES).to_numpy()
        page[lined] = said >= 2 - furnished[lined]
    names = np.where(html, 2, np.where(page, 1, 0)).astype(np.int8)
    words = pa.array([Kind.text.value, Kind.page.value, Kind.html.value])
    return pa.DictionaryArray.from_arrays(pa.array(names), words).cast(pa.string())


def _suspects(texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Of each text how many tags it may have; whether it has short lines enough for a page; how much (0, 1, 2) they
    speak for one."""
    angles, lines, shorts, paragraphs = counts(texts)
    lined = (shorts >= _FEW) & (3 * shorts >= lines)
    half = 1 * (lined & (shorts >= 2 * _FEW) & (2 * shorts >= lines))
    most = 1 * (lined & (shorts >= _MANY) & (3 * shorts >= 2 * lines) & (paragraphs >= 3))
    return angles, lined, half + most


def counts(texts: pa.Array) -> tuple[NDArray[np.int64], ...]:
    """Of each text (large_string without nulls) how often "<" stands in it; its lines that are not blank; those of
    them that are short and end without punctuation; the others from a short one's length on."""
    bounds, data = _bytes(texts)
    if len(texts) == 1:
        return _plain_counts(texts, bounds, data)
    from dedup.kernels import pages  # for which a single text need not wait

    found = np.zeros((len(texts), 4), np.int64)
    pages.counts(data, bounds, _SHORT, _ASCII_ENDS, _WIDE_ENDS, found)
    return tuple(found.T)


def _bytes(texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Where each text begins and ends, and their bytes, of which there are some."""
    _, offsets_buffer, data_buffer = texts.buffers()
    bounds = np.frombuffer(offsets_buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    first = int(bounds[0])
    data = np.frombuffer(data_buffer, np.uint8)[first : int(bounds[-1])] if data_buffer else np.zeros(0, np.uint8)
    return bounds - first, data if len(data) else np.zeros(1, np.uint8)


def _plain_counts(texts: pa.Array, bounds: NDArray[np.int64], data: NDArray[np.uint8]) -> tuple[NDArray[np.int64], ...]:
    angles = np.diff(np.searchsorted(np.flatnonzero(data == ord("<")), bounds))
    breaks = np.flatnonzero(data == ord("\n"))
    broken = np.diff(np.searchsorted(breaks, bounds))
    starts = np.sort(np.concatenate([bounds[:-1], breaks + 1]), kind="stable")
    ends = np.sort(np.concatenate([bounds[1:], breaks]), kind="stable")
    text_of = np.repeat(np.arange(len(texts)), broken + 1)
    for _ in range(2):  # \r, and a space before it
        ends = ends - ((ends > starts) & np.isin(data[np.maximum(ends, 1) - 1], list(b" \r\t")))

    # Bytes a character, text by text, so that a headline in Devanagari is as short as one in English.
    width = pc.binary_length(texts).to_numpy() / np.maximum(pc.utf8_length(texts).to_numpy(), 1)
    filled = ends > starts
    short = filled & (ends - starts < _SHORT * width[text_of]) & ~_ends_a_sentence(data, ends)
    lines = np.bincount(text_of[filled], minlength=len(texts))
    shorts = np.bincount(text_of[short], minlength=len(texts))
    paragraphs = np.bincount(text_of[filled & ~short & (ends - starts >= _SHORT)], minlength=len(texts))
    return angles, lines, shorts, paragraphs


def _ends_a_sentence(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which lines end in punctuation: ASCII, or the last byte of a curly quote, danda, ideographic stop ..."""
    last, middle, lead = (data[np.maximum(ends - back, 0)].astype(np.int64) for back in (1, 2, 3))
    return _ASCII_ENDS[last] | np.isin(lead << 16 | middle << 8 | last, _WIDE_ENDS)
