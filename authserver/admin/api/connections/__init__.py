"""/connections and /tenants/{tenant_id}/connections: providers where people sign in.

Owns the operations: the platform's for callers of the platform, a tenant's own. Must not know the
rules: they are those of `authserver.federation`, but for one, that nobody lets a provider give a
role that allows more than they may do.
"""
