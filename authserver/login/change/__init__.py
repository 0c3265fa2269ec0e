"""What somebody has to change before the sign-in is done.

Owns the page between everything that is proved and the session. Must not know why a change is due.
URL: /login/change/password.
"""
