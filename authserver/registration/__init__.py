"""Self-registration: whoever proves an address makes an account, where the tenant lets them.

Owns the requests' rows and who may register as what. Must not know clients, tokens or browsers. No
URLs of its own: its links lead to /login/register/new.
"""
