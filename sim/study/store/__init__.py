"""What is kept on disk: tables and records, contacts, the catalogue of runs."""
