"""The second wall between tenants: row-level security of PostgreSQL (docs/decisions/0049).

Owns the setting that says whose rows the database shows, the policies that read it, and the role
that the server works as, which owns nothing. Must not know a table of a feature. Nothing of it is
on SQLite. No URLs.

A migration that makes a table calls `policies.secure`; `authserver db check` and a test of the
architecture say where it was forgotten.
"""
