"""One pydantic model for each section of a scenario; the text under a field is its help."""
