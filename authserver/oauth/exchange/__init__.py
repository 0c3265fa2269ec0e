"""Token exchange (RFC 8693): which client may exchange whose tokens, and for what.

Owns the rules, the tokens that are presented, and what they narrow to. Must not know how a token
is made. No URL of its own: it is a grant of /oauth/token.
"""
