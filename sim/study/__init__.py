"""Questions: one file each."""
