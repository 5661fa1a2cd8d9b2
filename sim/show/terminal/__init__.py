"""Plain text for the terminal, one file a command."""
