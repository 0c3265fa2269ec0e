"""Pictures of people: taken in, made anew, kept and given out by an id that nobody guesses.

Owns what becomes of an uploaded file. Must not know forms or pages. No URLs of its own: the page
and the picture are at /account/picture.
"""
