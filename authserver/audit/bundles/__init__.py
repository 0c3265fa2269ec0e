"""Bundles: a tenant's trail in a file that proves itself, as docs/trail-format.md says.

Owns what is in such a file, and in which order. Must not know who asks for it, nor how it is
verified: that is what programs without anything of the server do. No URLs.
"""
