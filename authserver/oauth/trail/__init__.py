"""What the machine lane says of the trail: the keys that sign its checkpoints.

Owns how they are shown. Must not know how they are made. URL: /.well-known/audit-keys.
"""
