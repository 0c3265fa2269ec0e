"""A tenant's trail taken away: as CSV, as JSON lines, or as a bundle that proves itself.

Owns what is in such a file, how it is made piece by piece (in the background, or by a command), and
the files that wait to be fetched. Must not know who may ask, nor HTTP. URLs: the API's
/tenants/{tenant_id}/trail/exports.
"""
