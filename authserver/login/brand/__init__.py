"""How pages look in a tenant's colours and with its logo. URLs: below /login/brand.

A stylesheet is made of a colour alone: whoever asks for one learns nothing of anybody.
"""
