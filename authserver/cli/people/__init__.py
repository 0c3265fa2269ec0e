"""What commands about people share, and those about their passwords.

Owns how a person is named and a password is read at the command line; part of `authserver users`.
"""
