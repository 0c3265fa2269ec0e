"""The server's front page, signing out, and the last page.

Owns what people see of it. What ends, and which client is told how, is decided in oauth/logout.
URLs: /, /login/logout, /login/signed-out.
"""
