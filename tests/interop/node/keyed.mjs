// A relying party made with oauth4webapi that proves who it is with a key, and the resource server
// that its access token is for. Every check of the library is left on.
import { createInterface } from "node:readline";
import * as oauth from "oauth4webapi";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => (await lines.next()).value;
const say = (value) => console.log(JSON.stringify(value));
const insecure = { [oauth.allowInsecureRequests]: true };

const wanted = JSON.parse(await read());
const issuer = new URL(wanted.issuer);
const server = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, insecure));
const client = { client_id: wanted.client_id };
const importing = { name: "ECDSA", namedCurve: "P-256" };
const key = await crypto.subtle.importKey("jwk", wanted.key, importing, false, ["sign"]);
const own = oauth.PrivateKeyJwt(
  { key, kid: wanted.key.kid },
  // The audience of an assertion is the issuer, and the one that the library chooses by itself.
);

const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
const url = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({
  client_id: client.client_id,
  redirect_uri: wanted.redirect_uri,
  response_type: "code",
  scope: wanted.scope,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  max_age: "600",
  state,
  nonce,
})) url.searchParams.set(name, value);
say({ authorize: url.href });

const parameters = oauth.validateAuthResponse(server, client, new URL(await read()), state);
const redeem = () => oauth.authorizationCodeGrantRequest(
  server, client, own, parameters, wanted.redirect_uri, verifier, insecure);
const answer = await redeem();
const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
  expectedNonce: nonce, maxAge: 600, requireIdToken: true,
});
await oauth.validateApplicationLevelSignature(server, answer, insecure);
const claims = oauth.getValidatedIdTokenClaims(tokens);
const profile = await oauth.processUserInfoResponse(server, client, claims.sub,
  await oauth.userInfoRequest(server, client, tokens.access_token, insecure));
const request = new Request("https://api.example/reports", {
  headers: { authorization: `Bearer ${tokens.access_token}` },
});
const seen = await oauth.validateJwtAccessToken(server, request, wanted.audience, insecure);
const inspected = await oauth.processIntrospectionResponse(server, client,
  await oauth.introspectionRequest(server, client, own, tokens.access_token, insecure));
const renewed = await oauth.processRefreshTokenResponse(server, client,
  await oauth.refreshTokenGrantRequest(server, client, own, tokens.refresh_token, insecure));
await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, own, renewed.refresh_token, insecure));
const refused = await oauth.processAuthorizationCodeResponse(server, client, await redeem())
  .then(() => "accepted", (error) => error.error);
say({
  claims, profile, refused,
  access: { sub: seen.sub, client_id: seen.client_id, scope: seen.scope },
  active: inspected.active,
});
process.exit(0);
