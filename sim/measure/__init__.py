"""From events to counts, estimates and verdicts."""
