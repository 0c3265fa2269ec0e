"""What a tenant has and asks for: one file for each resource below /tenants/{tenant_id}.

The tenant's own administrators change settings, policy, logo, domains and issuer; limits, flags and
the archive are the platform's.
"""
