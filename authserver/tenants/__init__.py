"""Tenants and the issuers at which they are served.

Owns the tenant's row, its status and security epoch, and the answer to "which issuer and tenant is
this request for?" (resolve.py, before any database session exists). Must not know people, clients
or tokens. URLs: the prefix /t/<slug> of a tenant's own issuer.
"""
