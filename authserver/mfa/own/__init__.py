"""What a signed-in person changes about their own second factors.

Owns what their pages decide by: what a factor more or less brings and ends, of whatever kind; apps
that are added, renamed and removed; backup codes made anew and shown. Must not know pages, nor
sessions beyond the id of the one that asks. No URLs of its own; its pages are under
/account/factors.
"""
