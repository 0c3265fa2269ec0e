"""How an authorization request comes in: from parameters to what the client asks for, checked.

Owns who asks, where its answer may go, and what is read where a request says its parameters stand
elsewhere. Must not know people, sessions or pages. No URLs of its own.
"""
