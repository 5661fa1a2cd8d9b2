"""Running replications, one after the other or in processes, and when to stop."""
