"""The token endpoint (RFC 6749 section 3.2).

Owns the ordered checks that every grant passes and the grants themselves. Must not know HTTP
frameworks, nor how tokens look. URL: POST /oauth/token.
"""
