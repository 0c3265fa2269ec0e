"""People: their accounts, passwords, and what happens after wrong ones.

Owns the user's row, password hashing, the lockout counters and the devices that are known. Must
not know sessions, roles, clients or tokens. No URLs of its own: login/ and the console call it.
"""
