"""Passwords: how they are hashed, which are good enough, and the words that say why not.

Must not know accounts, the database or the clock. No URLs.
"""
