"""Logos of clients: fetched once, made anew, kept, and given out by an id that nobody guesses.

A page that showed the picture at `logo_uri` would tell the client who looks at it, and when. Owns
what becomes of that picture. Must not know pages. No URLs of its own.
"""
