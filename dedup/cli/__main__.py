"""`python -m dedup.cli`, where no command is installed."""

from dedup.cli import main

main()
