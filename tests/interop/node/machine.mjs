// A service made with openid-client: client credentials, introspection, revocation.
import { createInterface } from "node:readline";
import * as client from "openid-client";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const wanted = JSON.parse((await lines.next()).value);
const config = await client.discovery(
  new URL(wanted.issuer), wanted.client_id, undefined,
  client.ClientSecretBasic(wanted.client_secret),
  { execute: [client.allowInsecureRequests], algorithm: wanted.discovery },
);
const tokens = await client.clientCredentialsGrant(config, { scope: wanted.scope });
const before = await client.tokenIntrospection(config, tokens.access_token);
await client.tokenRevocation(config, tokens.access_token);
const after = await client.tokenIntrospection(config, tokens.access_token);
const refused = await client.clientCredentialsGrant(config, { scope: "no:such" }).then(
  () => "accepted",
  (error) => error.error,
);
console.log(JSON.stringify({ scope: tokens.scope, before, after, refused }));
process.exit(0);
