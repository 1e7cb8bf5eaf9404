import pytest
from reading import run, write

from dedup.kinds import detect
from dedup.stages.read import limits

PARAGRAPH = "The harbour master said on Tuesday that the ferry would return to its old timetable within a week."
MENU = ["Home", "World", "Business", "Sport", "Culture", "Weather", "E-paper", "Sign in"]
TEASERS = [
    "Ferry crews agree to new hours after long talks",
    "Why the lighthouse still needs a keeper",
    "Ten walks by the sea",
]
PAGE = "\n\n".join(
    [*MENU, "Ferry returns", "By Asha Rao", *[PARAGRAPH] * 4, "Open in App", "Related Stories", *TEASERS]
)


def kind(text):
    return detect(pa_texts(["x", text]).slice(1)).to_pylist()[0]


def pa_texts(texts):
    import pyarrow as pa

    return pa.array(texts, pa.large_string())


@pytest.mark.parametrize(
    "text",
    [
        PARAGRAPH,
        "\n".join([PARAGRAPH] * 30),
        "\n\n".join(["What the master said", PARAGRAPH, PARAGRAPH, "What comes next", PARAGRAPH] * 5),
        "\n".join(["“We will sail,” she said.", "“When?” they asked.", "“Soon.”"] * 20),
        "\n".join(["Results:", *[f"{at}. Town {at} 3 Harbour {at} 1" for at in range(40)], PARAGRAPH]),
        "\n".join(["नौका लौट आई है।", "कप्तान ने कहा कि समय सारणी बदलेगी।"] * 20),
        "He wrote <b>bold</b> and <i>slanted</i> words. " + PARAGRAPH * 40,
        "a < b and b > c and " * 50,
        "",
        "\n" * 50,
    ],
)
def test_an_article_is_text(text):
    assert kind(text) == "text"


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        PAGE.replace("\n", " \r\n"),
        "\n".join(["होम", *["नौका दल ने नए समय पर सहमति दी"] * 12, *["नौका मंगलवार को लौटेगी।"] * 4, "यह भी पढ़ें", "और पढ़ें"]),
        "\n".join([*["Новости", "Спорт", "Погода"] * 20, *[PARAGRAPH] * 4]),
    ],
)
def test_a_page_saved_as_text_is_a_page(text):
    assert kind(text) == "page"


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><title>Ferry</title>",
        "\ufeff\n <HTML lang='en'>" + PARAGRAPH,
        '<?xml version="1.0"?>\n<html></html>',
        f"<p>{PARAGRAPH}</p>" * 5,
    ],
)
def test_markup_is_html(text):
    assert kind(text) == "html"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.txt", b"caf\xe9 \x93quoted\x94", "caf\u00e9 \u201cquoted\u201d"),
        ("a.txt", b"\xef\xbb\xbfFerry", "Ferry"),
        ("a.txt", "Ferry \u0915".encode("utf-16"), "Ferry \u0915"),
        (
            "a.html",
            '<meta charset="windows-1251"><p>Паром</p>'.encode("cp1251"),
            '<meta charset="windows-1251"><p>Паром</p>',
        ),
        ("a.html", b"<meta charset=iso-8859-1>\x93a\x94", "<meta charset=iso-8859-1>\u201ca\u201d"),
        ("a.html", b"<meta charset=hex>caf\xe9", "<meta charset=hex>caf\u00e9"),
        ("a.html", '<meta charset="latin1">ä'.encode(), '<meta charset="latin1">ä'),
    ],
)
def test_a_file_is_decoded_by_what_it_is(tmp_path, name, data, text):
    assert run(write(tmp_path / name, data))[0][0]["text"] == text


def test_a_folder_of_many_files_comes_in_few_batches(tmp_path):
    for at in range(50):
        write(tmp_path / f"{at:02}.txt", f"Story {at}.")
    write(tmp_path / "20.bad.txt", b"\0\0\0")
    rows, rejected = run(tmp_path)
    assert [row["text"] for row in rows] == [f"Story {at}." for at in range(50)]
    assert [record.path for record in rejected] == [str(tmp_path / "20.bad.txt")]


def test_a_text_file_above_the_limit_costs_itself(tmp_path):
    write(tmp_path / "a.txt", b"x" * (limits.TEXT + 1))
    write(tmp_path / "b.txt", b"A ferry.")
    rows, (lost,) = run(tmp_path)
    assert [row["text"] for row in rows] == ["A ferry."]
    assert "above the limit" in lost.reason
