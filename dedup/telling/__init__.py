"""Which articles make a story: groups from links, stories as they are kept, and what became of them."""
