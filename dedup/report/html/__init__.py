"""Answers as HTML: pure functions of the answers of the Python API, for the report and for the web page.

Whatever they return is `Html`: text from outside is escaped where it enters, and no attribute holds script or style.
"""

from dedup.report.html.document import report, single

__all__ = ["report", "single"]
