"""Text with places: YAML nodes that know line and column, problems, changes by dotted path.  It knows no
scenario.
"""
