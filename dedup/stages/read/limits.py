"""Every limit on input, in bytes unless said otherwise. What is above one is rejected by name; the rest goes on."""

TEXT = 4 << 20  # of one article: a long read is 0.1 MB, a page saved with its scripts 2
LINE = 16 << 20  # of JSONL, and of one CSV record: TEXT in \\u escapes, and the other fields
ID = 1 << 10
OUTLET = 1 << 10
URL = 8 << 10  # what servers take
TITLE = 16 << 10  # characters; a longer title is cut there, for an article is worth more than its title
SPOOL = 16 << 30  # of a Parquet file that is compressed or piped, and so must be unpacked to be read

BLOCK = 8 << 20  # read and parsed at once
ROWS = 8192  # of a batch at most
BATCH = 8 << 20  # of a batch about: Arrow compiles patterns anew for each
RECORD = 2000  # characters of a rejected record that are kept
UNPAIRED = 100  # quotes that never close, in one CSV file, until the rest of it is given up
