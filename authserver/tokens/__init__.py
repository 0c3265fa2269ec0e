"""What is inside a token, and how it is made.

Owns claims (the only place that decides one), the mint, refresh rotation, and the signing keys.
Must not know Flask, endpoints or how a client proved who it is. No URLs of its own.
"""
