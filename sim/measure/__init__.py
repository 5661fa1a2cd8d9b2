"""From facts to figures.

stats/        intervals, tests and verdicts of numbers; it knows no hub
replication/  one world and its outcome → one Observation
pooled/       many observations → rows of estimates
"""
