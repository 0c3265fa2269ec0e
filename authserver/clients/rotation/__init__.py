"""Warnings before a client's last secret ends, so that nothing stops overnight.

Owns when who is told. Must not know who administers a tenant: the wiring says it.
"""
