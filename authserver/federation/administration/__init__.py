"""What operators do to connections: what is fit, what a change ends, who loses a way in.

Owns the rules of a connection's fields and the consequences of changing them. Must not know how a
provider is spoken with, or pages. No URLs; the commands are `authserver connections …`.
"""
