"""One sheet of plots a study, drawn by matplotlib."""
