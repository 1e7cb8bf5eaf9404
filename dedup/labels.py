"""Labels to measure stories by: pairs of articles, or articles with their stories, from a TSV or CSV."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dedup.errors import BadInput, MissingInput, UnreadableInput

SAME = "S"  # the label of a pair that is the same copy


@dataclasses.dataclass(frozen=True, slots=True)
class Pairs:
    """Labelled pairs of articles: a, b ids; same: whether they carry the same copy."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    same: tuple[bool, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Labels:
    """Labelled stories: the story of each article; an empty label is a story of its own."""

    story: Mapping[str, str]


Gold = Pairs | Labels


def read_gold(path: Path | str) -> tuple[Gold, int]:
    """Labels from a TSV or CSV with a header, and how many pairs its readers disagree on.

    Columns a, b and label, or label_1 and label_2 of two readers (a pair counts where they
    agree on same copy or not); or id and story. Others are ignored. Raises MissingInput,
    UnreadableInput, BadInput.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            dialect: type[csv.Dialect] = csv.excel_tab if "\t" in head else csv.excel
            names = next(csv.reader([head], dialect), [])
            return _gold(path, [n.strip() for n in names], csv.reader(file, dialect, strict=True))
    except FileNotFoundError:
        raise MissingInput(path=path) from None
    except UnicodeDecodeError:
        raise UnreadableInput(path=path, format="labels", reason="it is not a text in UTF-8") from None
    except IsADirectoryError:
        raise UnreadableInput(path=path, format="labels", reason="it is a folder") from None
    except (OSError, csv.Error) as error:
        raise UnreadableInput(path=path, format="labels", reason=error) from None


def _gold(path: Path, names: list[str], rows: Iterable[list[str]]) -> tuple[Gold, int]:
    for wanted in (("a", "b", "label"), ("a", "b", "label_1", "label_2"), ("id", "story")):
        if set(wanted) <= set(names):
            break
    else:
        seen = ", ".join(names) or "none"
        raise BadInput(problem=f"{path} needs columns a, b and label, or id and story (found: {seen})")
    places = [names.index(name) for name in wanted]
    cells = _cells(path, places, rows)
    return _labels(path, cells) if wanted[0] == "id" else _pairs(path, cells)


def _cells(path: Path, places: Sequence[int], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        if len(row) <= max(places):
            raise BadInput(problem=f"{path}, row {number}: {len(row)} cells are too few")
        yield [row[place].strip() for place in places]


def _pairs(path: Path, cells: Iterable[list[str]]) -> tuple[Pairs, int]:
    a, b, same, ambiguous = [], [], [], 0
    for left, right, *labels in cells:
        said = {label == SAME for label in labels}
        if len(said) > 1:
            ambiguous += 1
            continue
        a.append(left)
        b.append(right)
        same.append(said.pop())
    if not a:
        raise BadInput(problem=f"{path} holds no label")
    return Pairs(tuple(a), tuple(b), tuple(same)), ambiguous


def _labels(path: Path, cells: Iterable[list[str]]) -> tuple[Labels, int]:
    story: dict[str, str] = {}
    for article, label in cells:
        if story.setdefault(article, label) != label:
            raise BadInput(problem=f"{path} gives article {article} two stories: {story[article]} and {label}")
    if not story:
        raise BadInput(problem=f"{path} holds no label")
    return Labels(story), 0
