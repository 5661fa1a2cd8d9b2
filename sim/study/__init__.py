"""One file a question (run, compare, sweep, check); play/ plays replications, store/ keeps results on
disk.
"""
