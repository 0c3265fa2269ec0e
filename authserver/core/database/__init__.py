"""One way to a transaction, and what every table has: tenancy, personal data, portable types.

Owns connections, the commit rule, tenant isolation and the schema's version. Must not know any
table of a feature. No URLs.
"""
