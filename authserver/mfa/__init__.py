"""The second factor: codes of authenticator apps (TOTP), backup codes, and the state before them.

Owns factors, their counters of wrong codes, and partial sign-ins: what is known of somebody whose
password was right and who has proved nothing else, which gives no rights. Must not know sessions,
clients or pages. No URLs of its own; its pages are under /login/mfa.
"""
