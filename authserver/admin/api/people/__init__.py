"""/tenants/{tenant_id}/users: people, what is theirs, and what is done for them.

Owns what of a person is shown and taken; what happens is done by `authserver.people`.
"""
