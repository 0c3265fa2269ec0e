"""/account/applications: what has access to the account, and what can be opened from here.

Owns the page, and which clients it offers. Must not know how a client signs anybody in.
"""
