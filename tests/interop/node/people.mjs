// A relying party made with openid-client. It prints where to send the browser, is told where the
// browser came back, and prints what it learned. Every check of the library is left on.
import { createInterface } from "node:readline";
import * as client from "openid-client";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => (await lines.next()).value;
const say = (value) => console.log(JSON.stringify(value));

const wanted = JSON.parse(await read());
const authentication = wanted.client_secret
  ? client.ClientSecretBasic(wanted.client_secret)
  : client.None();
const config = await client.discovery(
  new URL(wanted.issuer), wanted.client_id, undefined, authentication,
  { execute: [client.allowInsecureRequests], algorithm: wanted.discovery },
);

const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: wanted.redirect_uri,
  scope: wanted.scope,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
say({ authorize: url.href });

const tokens = await client.authorizationCodeGrant(config, new URL(await read()), {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
const claims = tokens.claims();
const profile = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
const again = await client.fetchUserInfo(config, renewed.access_token, claims.sub);
await client.tokenRevocation(config, renewed.refresh_token);
const refused = await client.refreshTokenGrant(config, renewed.refresh_token).then(
  () => "accepted",
  (error) => error.error,
);
say({ claims, profile, again, refused, rotated: renewed.refresh_token !== tokens.refresh_token });
process.exit(0);
