"""Statistics of plain arrays: estimates, differences, confidence sequences, verdicts, the best of several."""
