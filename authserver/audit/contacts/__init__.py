"""Security contacts: whom a tenant has its trail's checkpoint mailed to, once a day.

Owns the address, the link that proves it before anything else goes there, and when it was told
last. Must not know how mail leaves, nor what a tenant is: it is told its name and its issuer.
URLs: /api/v1/tenants/{tenant_id}/trail/contact; its links lead to /login/contact/confirm.
"""
