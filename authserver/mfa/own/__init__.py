"""What a signed-in person changes about their own second factors.

Owns what their pages decide by: apps that are added, renamed and removed, and backup codes made
anew and shown. Must not know pages, nor sessions beyond the id of the one that asks. No URLs of its
own; its pages are under /account/factors.
"""
