"""For people: text, plots, progress."""
