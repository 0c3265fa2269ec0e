"""The account chooser, and the sign-in that arrives at one account or another.

Owns the page with a browser's accounts, and what a sign-in becomes: a session of the account, or of
its guest. Must not decide which account a code is for. URL: /login/account.
"""
