"""What leaves the server on its own: mail, and later webhooks.

Owns the outbox (a row written in the business transaction), the worker that claims rows and the
ways out. Must not know who asks for a message or why. No URLs of its own.
"""
