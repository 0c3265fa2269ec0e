"""Resource servers: the APIs of a tenant, their scopes, and which clients may ask for them."""
