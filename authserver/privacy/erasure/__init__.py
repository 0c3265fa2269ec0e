"""Erasure (GDPR Article 17): asked for twice, waited for, stopped by a legal hold, done, receipted.

It walks the declarations of the columns, destroys the person's key in the trail and leaves an empty
account, so that no identifier is ever given to somebody else. It knows no page and no operation.
"""
