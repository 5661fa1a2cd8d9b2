"""Plain text for the terminal, one file for each command."""
