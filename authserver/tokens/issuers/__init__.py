"""Own issuers of tenants come to be, move and end: with keys of their own."""
