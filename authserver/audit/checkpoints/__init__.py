"""Checkpoints: what the whole trail was at a moment, signed, each a proved growth of the last.

Owns the log of checkpoints, the heads in them, the keys that sign them and the text that is signed.
Must not know what an event says, nor HTTP. What the keys are is published at
/.well-known/audit-keys.
"""
