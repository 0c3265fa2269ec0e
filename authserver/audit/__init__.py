"""The trail: every security-relevant action, recorded in the transaction that does it.

Owns the catalogue of events and the append-only table. Holds opaque references to people, and what
is personal only as ciphertext under that person's own key. Must not know HTTP. No URLs yet.
"""
