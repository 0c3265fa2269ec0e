"""/account/api-keys: keys of one's own, made, shown once, revoked.

Must not know what a key may do, nor how one is made: `authserver.api_keys` says it.
"""
