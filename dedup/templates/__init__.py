"""Templates: lines that stand on many pages of an outlet whose stories are otherwise unrelated.

Newsletter boxes, biographies of authors, standing captions, disclaimers. They are learnt from the corpus when an index
is compacted, kept with its commits, and left out of what is compared; the bodies that an index keeps stay whole.
"""
