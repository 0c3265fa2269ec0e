"""Tools without business meaning: database, tenancy, cryptography, network, clock, ids.

Owns how things are done safely: one way to open a transaction, one way to sign, one way to parse
a form. Must not know what a client, a user or a token is. No URLs.
"""
