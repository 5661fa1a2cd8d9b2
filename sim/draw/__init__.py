"""All the dice: a plan, a seed and a replication make a world."""
