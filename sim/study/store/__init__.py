"""Results on disk: tables and records, contacts, the catalogue of studies."""
