"""Counts and sums of one replication, from its world and its outcome to one Observation."""
