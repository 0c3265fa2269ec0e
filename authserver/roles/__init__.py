"""Roles and permissions: who may do what.

Owns the catalogue of the eighteen built-in roles, their table (a database trigger keeps it as it
is) and who holds which. Must not know sessions, clients or tokens. No URLs of its own.
"""
