"""The words of the project as types: parameters, tables between the stages, answers.

Between stages travel Arrow record batches with the schemas of `tables`, and NumPy arrays.
"""

from dedup.model.answers import Article, Comparison, Match, Outlet, Similarity, Story, StoryDetail
from dedup.model.tables import ARTICLES, CREDIT, LEDGER, LINKS, RAW, STORIES
from dedup.model.upkeep import Added, Checked, Compacted, Damage, Info, Progress, Rejected, StoryChange, Turn
from dedup.model.words import TEXT_VERSION, Body, Credit, Kind, Params, Relation

__all__ = [
    "ARTICLES",
    "CREDIT",
    "LEDGER",
    "LINKS",
    "RAW",
    "STORIES",
    "TEXT_VERSION",
    "Added",
    "Article",
    "Body",
    "Checked",
    "Compacted",
    "Comparison",
    "Credit",
    "Damage",
    "Info",
    "Kind",
    "Match",
    "Outlet",
    "Params",
    "Progress",
    "Rejected",
    "Relation",
    "Similarity",
    "Story",
    "StoryChange",
    "StoryDetail",
    "Turn",
]
