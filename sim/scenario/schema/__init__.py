"""The planner's words: one pydantic model for each section of a scenario; a text under a field is its
help.
"""
