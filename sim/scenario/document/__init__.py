"""YAML nodes with line and column, problems, and changes by dotted path; nothing here knows a scenario."""
