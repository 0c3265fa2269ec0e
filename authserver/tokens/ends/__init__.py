"""Which clients have to be told that a session is over.

Owns the rows that remember them. Must not know how they are told (oauth/logout). No URLs.
"""
