"""Security contacts: whom a tenant has its trail's checkpoint mailed to, once a day.

Owns the address and when it was told last. Must not know how mail leaves.
URL: /api/v1/tenants/{tenant_id}/trail/contact.
"""
