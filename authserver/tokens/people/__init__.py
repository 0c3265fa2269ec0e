"""What tokens and UserInfo say of a person, and under which name: standard claims and subjects.

Owns the `claims` request parameter as a value, the standard claims of an account, and subject
identifiers. Must not know how a token is signed, nor who may ask. No URLs of its own.
"""
