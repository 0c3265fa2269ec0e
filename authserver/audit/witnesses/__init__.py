"""Witnesses (C2SP tlog-witness, tlog-cosignature v1): they sign only what grew from what they saw.

Owns what a witness signs and why not, its folder and its small HTTP server, and the side of the
log, which asks witnesses. The witness itself needs no database and nothing of an installation.
URL of a witness: POST /add-checkpoint.
"""
