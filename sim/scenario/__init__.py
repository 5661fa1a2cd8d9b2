"""From a planner's YAML file to a Plan: `read` gives the checked scenario, `lower` its numbers.

document/  text with places: YAML nodes, problems, changes; it knows no scenario
schema/    the planner's words, checked by pydantic
then       consistency and repeat_count (what fits together) · lowering, lowering_demand · reading · template
"""
