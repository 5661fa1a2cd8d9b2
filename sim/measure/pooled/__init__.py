"""Rows of estimates over many replications: measures, claims, breaks, shortfalls, expectations."""
