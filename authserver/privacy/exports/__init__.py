"""A person's copy of what is stored of them (GDPR Article 20): asked for, made, fetched once.

It is made in the background from the declarations of the columns, signed, kept encrypted for a day,
and opened by a mailed link together with a fresh sign-in of the very person.
"""
