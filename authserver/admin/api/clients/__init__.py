"""/tenants/{tenant_id}/clients: the clients of a tenant, their secrets, and what helps to use them.

Owns the operations. Must not know rules: they are those of `authserver.clients`, but for one, that
nobody gives a client a permission that they do not hold.
"""
