"""From a planner's YAML to rows and milliseconds."""
