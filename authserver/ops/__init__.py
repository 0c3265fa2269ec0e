"""What keeps an installation in order while it runs.

Owns how rows that are over are deleted. Must not know which those are: retention.py says it.
No URLs.
"""
