"""The only place with SQL: facts and what is derived from them, in one SQLite file."""
