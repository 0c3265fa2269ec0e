"""Bundles made from lists of bodies, by docs/trail-format.md alone: no code of the server.

The whole log is in memory and trees are computed as RFC 6962 defines them, slowly and plainly, so
that what is compared with it (server, verifiers) is compared with the definition.
"""
