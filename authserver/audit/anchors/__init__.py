"""Anchors: places outside the database that keep checkpoints, and deny another history later.

Owns where checkpoints are sent, how far each place is, what contradicts the database and who
accepted that. Must not know what an event says. No URLs of its own.
"""
