"""What the administration API offers: one file for each resource, each a list of operations.

A resource turns calls into calls of services, and rows into what is shown, field by field. Must not
know how a call comes in (`admin.rest`), nor decide what a service decides.
"""
