"""The way from a page to a story, a module a stage; none knows another.

    read -> clean -> shingle -> sketch -> lsh -> verify -> cluster

`plain` is shingle and sketch for one text, without compiled kernels.
"""
