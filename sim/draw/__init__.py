"""All random numbers: a plan, a seed and a replication give a world."""
