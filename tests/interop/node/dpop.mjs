// A relying party made with openid-client whose tokens are bound to a key (DPoP): it pushes its
// request, answers the server's nonce, and shows what is refused without the key.
import { createInterface } from "node:readline";
import * as client from "openid-client";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => (await lines.next()).value;
const say = (value) => console.log(JSON.stringify(value));
const outcome = (promise) => promise.then(
  () => "accepted",
  (error) => error.error ?? error.cause?.[0]?.parameters?.error ?? error.code,
);

const wanted = JSON.parse(await read());
const authentication = wanted.client_secret
  ? client.ClientSecretBasic(wanted.client_secret)
  : client.None();
const config = await client.discovery(
  new URL(wanted.issuer), wanted.client_id, undefined, authentication,
  { execute: [client.allowInsecureRequests] },
);
const handle = async () => client.getDPoPHandle(config, await client.randomDPoPKeyPair(wanted.alg));
const DPoP = await handle();

const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const url = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: wanted.redirect_uri,
  scope: wanted.scope,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
  state: expectedState,
}, { DPoP });
say({ authorize: url.href });

const back = new URL(await read());
const checks = { pkceCodeVerifier, expectedState, idTokenExpected: true };
const stolen = await outcome(
  client.authorizationCodeGrant(config, back, checks, undefined, { DPoP: await handle() }),
);
const tokens = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP });
const claims = tokens.claims();
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
const profile = await client.fetchUserInfo(config, renewed.access_token, claims.sub, { DPoP });
const bearer = await outcome(client.fetchUserInfo(config, renewed.access_token, claims.sub));
const keyless = await outcome(client.refreshTokenGrant(config, renewed.refresh_token));
say({ type: tokens.token_type, again: renewed.token_type, profile, stolen, bearer, keyless });
process.exit(0);
