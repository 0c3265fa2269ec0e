"""Domains that tenants prove to be their own, by a TXT record.

Owns what a domain can be, the record, the proof and its end. Must not know connections or pages: a
domain leads to an id. No URLs; the commands are `authserver domains …`.
"""
