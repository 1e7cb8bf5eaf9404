"""Answers as people and programs read them: terminal, JSON, CSV, Parquet.

Nothing here decides anything about articles; it shows what the index answered.
"""
