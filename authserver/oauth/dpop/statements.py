"""How a proof is used up. The tenant is that of the client which the request authenticated."""

from sqlalchemy import bindparam, text

from authserver.core.database.types import UtcTime

USE_PROOF = text(
    "INSERT INTO used_proofs (tenant_id, client_id, proof_hash, expires_at)"
    " VALUES (:tenant_id, :client_id, :proof_hash, :expires_at)"
    " ON CONFLICT (client_id, proof_hash) DO NOTHING"
).bindparams(bindparam("expires_at", type_=UtcTime()))
