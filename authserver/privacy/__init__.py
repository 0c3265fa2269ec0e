"""What people can ask about what is stored of them, and the proof of what they allowed.

Consents for good, the copy of everything (GDPR Article 20), and the list of what is stored and why.
It knows no page and no operation: account/privacy and admin/api/privacy show it.
"""
