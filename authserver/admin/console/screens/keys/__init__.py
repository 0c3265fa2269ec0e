"""Keys: those that programs present, and those that the issuer signs with."""
