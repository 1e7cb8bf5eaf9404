"""Texts for hypothesis: every script that breaks word counters, and what hides between letters."""

from __future__ import annotations

import random

from hypothesis import strategies as st

_PIECES = [
    *("the", "NATO's", "NATO\u2019s", "co-operate", "3,500", "U.S.", "naïve", "cafe\u0301", "ﬁnal", "½", "İstanbul"),
    *(
        "ΟΔΟΣ",
        "Σ",
        "ß",
        "ʼtis",
        "rock\u02bcn\u02bcroll",
        "'",
        "''",
        "\u2019",
        "e\u0301\u0323",
        "\u0344",
        "\u0301\u0316" * 16,
        "\u0316" * 31,
        "\u0301",
        "=\u0338",
    ),
    *("हिन्दी", "में", "ख़बर", "क\u093c", "\u0958", "न\u093c", "आईएएनएस", "क्\u200dष", "বাংলা", "தமிழ்", "కో\u0c4d"),
    *(
        "日本語",
        "東京都",
        "ひらがな",
        "カタカナー",
        "ﾊﾝｶｸ",
        "ภาษาไทย",
        "ກໍ",
        "ខ្មែរ",
        "မြန်မာ",
        "한국어",
        "\u1112\u1161\u11ab",
    ),
    *("العربية", "السَّلام", "עברית", "👩\u200d💻", "🇮🇳", "\u00ad", "soft\u00adhyphen", "\ufeff", "\u200b", "\u2060"),
    *(
        '"',
        '"',
        "\u201c",
        "\u201d",
        "\u201e",
        "\u00ab",
        "\u00bb",
        "\u300c",
        "\u300d",
        "\u2018",
        "\u2019",
        "\u2018so\u2019",
        " 'so",
        "so' ",
        '"so',
        'so"',
        "\n'so",
        ":",
        ":\n",
        "statement:\n",
        "बयान:\n",
        "：\n",
        "-",
        "(@so",
        "— so (@so",
        "we",
        "I",
        "I",
        " I\u2019m ",
        "I ",
        " they came. ",
        " so",
        "!",
        "Ｉ",
        "\u2160",
        "I\u02bcm",
        "I\u00ad",
        "ΣI",
        "Σ.I",
    ),
    *(
        "\n",
        "\n",
        "\r\n",
        "\u2028",
        "\x85",
        "\t",
        "\u00a0",
        "\u3000",
        "…",
        "—",
        ".",
        "।",
        "。",
        "٣",
        "Ⅷ",
        "①",
        "𝓷",
        "\U000e0001",
    ),
]

texts = st.one_of(
    st.text(),
    st.lists(st.sampled_from(_PIECES), max_size=40).map("".join),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=4)), max_size=40).map(" ".join),
)

_WORDS = [
    a + b + c
    for a in ("ba", "ko", "ri", "tu", "me")
    for b in ("la", "so", "ni", "de", "vu")
    for c in ("n", "r", "st", "ma", "x")
]


def prose(seed: int, sentences: int = 12, words: int = 14) -> str:
    """Invented sentences, in paragraphs of two; another seed shares no shingle with this one."""
    chance = random.Random(seed)
    made = [" ".join(chance.choices(_WORDS, k=words)).capitalize() + "." for _ in range(sentences)]
    return "\n".join(" ".join(made[i : i + 2]) for i in range(0, sentences, 2))
