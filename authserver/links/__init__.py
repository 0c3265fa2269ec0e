"""Links that mails carry: to choose a password, to prove or change an address, to lift a lock.

Owns the links' rows and what each of them may do, once. Must not know clients, tokens or browsers.
No URLs of its own: its links lead to /login/recover/new, /login/recover/unlock, /login/verify,
/login/email/confirm and /login/email/keep.
"""
