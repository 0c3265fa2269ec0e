"""The screens, a package for each part of the console: each a class whose `screens()` returns rows.

A screen asks for operations and puts what they answer into lists, details and forms. Must not know
a service, a table or a transaction.
"""
