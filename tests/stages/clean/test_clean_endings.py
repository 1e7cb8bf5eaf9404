"""How lines end, in many scripts."""

from dedup.stages.clean.endings import Ending, ending


def test_endings_are_told_apart_in_many_scripts():
    cases = {
        "He went.": Ending.SENTENCE,
        "“He went.”": Ending.SENTENCE,
        "(He went!)": Ending.SENTENCE,
        "वह गया।": Ending.SENTENCE,
        "他走了。」": Ending.SENTENCE,
        "وہ گیا۔": Ending.SENTENCE,
        "هل ذهب؟": Ending.SENTENCE,
        "over the conflict ...": Ending.ELLIPSIS,
        "over the conflict…": Ending.ELLIPSIS,
        "He said:": Ending.COLON,
        "first,": Ending.COMMA,
        "(Photo by A. Roe)": Ending.CLOSED,
        "Related Stories": Ending.OPEN,
        "他走了": Ending.OPEN,
    }
    assert {line: ending(line) for line in cases} == cases
