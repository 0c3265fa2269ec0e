"""Which account an authorization is for, where a browser has several.

Owns the accounts that fit a request, the choice between them, and what a browser remembers of it.
Must not know pages, nor how a person signs in. No URLs of its own.
"""
