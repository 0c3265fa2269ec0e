"""API keys at a resource server: the issuer is asked whose one is and what it may do (RFC 7662).

An answer is remembered for five seconds at most, so that a key that was revoked is refused by then;
where the issuer has a Redis, and this service listens to it (`news`), at once.
"""
