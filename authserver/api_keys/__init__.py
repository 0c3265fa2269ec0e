"""API keys of people and of service accounts: made, found, listed, revoked.

Owns what a key looks like, the table, what a key may do now (never more than its owner), when it
was used last, and the mails about it. Must not know how a request brings a key, nor what a page
shows. No URLs of its own: /account/api-keys, the administration API and introspection ask here.

A key is looked up at every use, with its owner and tenant in the same statement: what is revoked,
disabled or suspended is refused by the next request to any process.
"""
