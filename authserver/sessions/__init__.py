"""Sessions: which accounts are signed in in which browser.

Owns the session's row and the cookies that name a browser. Must not know how a person proved who
they are, nor clients or tokens. No URLs of its own.
"""
