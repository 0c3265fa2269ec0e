"""Resource servers: the APIs of a tenant, their scopes, and which clients may ask for them.

Owns their rows and the rule what a client may register for. A tenant that has none is not asked.
Must not know how a token is made: an audience is a text that a client has registered.
"""
