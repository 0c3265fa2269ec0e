// oauth4webapi where everything is signed and pushed; a client that registers itself; a device.
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
const importing = { name: "ECDSA", namedCurve: "P-256" };
const key = await crypto.subtle.importKey("jwk", wanted.key, importing, false, ["sign"]);
const signing = { key, kid: wanted.key.kid };

// Pushed, signed requests; signed answers, UserInfo and introspection.
const client = {
  client_id: wanted.client_id,
  authorization_signed_response_alg: "ES256",
  userinfo_signed_response_alg: "ES256",
  introspection_signed_response_alg: "ES256",
};
const own = oauth.PrivateKeyJwt(signing);
const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
const request = await oauth.issueRequestObject(server, client, {
  redirect_uri: wanted.redirect_uri,
  response_type: "code",
  response_mode: "jwt",
  scope: wanted.scope,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
}, signing);
const pushed = await oauth.processPushedAuthorizationResponse(server, client,
  await oauth.pushedAuthorizationRequest(server, client, own, { request }, insecure));
const url = new URL(server.authorization_endpoint);
url.searchParams.set("client_id", client.client_id);
url.searchParams.set("request_uri", pushed.request_uri);
say({ authorize: url.href });
const parameters = await oauth.validateJwtAuthResponse(
  server, client, new URL(await read()), state, insecure);
const tokens = await oauth.processAuthorizationCodeResponse(server, client,
  await oauth.authorizationCodeGrantRequest(
    server, client, own, parameters, wanted.redirect_uri, verifier, insecure),
  { expectedNonce: nonce, requireIdToken: true });
const claims = oauth.getValidatedIdTokenClaims(tokens);
const userinfo = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
const profile = await oauth.processUserInfoResponse(server, client, claims.sub, userinfo);
await oauth.validateApplicationLevelSignature(server, userinfo, insecure);
const asked = await oauth.introspectionRequest(
  server, client, own, tokens.access_token, { ...insecure, requestJwtResponse: true });
const inspected = await oauth.processIntrospectionResponse(server, client, asked);
await oauth.validateApplicationLevelSignature(server, asked, insecure);
say({ sub: claims.sub, email: profile.email, active: inspected.active });

// A client that registers itself, and goes the plain way.
const registered = await oauth.processDynamicClientRegistrationResponse(
  await oauth.dynamicClientRegistrationRequest(server, {
    redirect_uris: [wanted.redirect_uri],
    client_name: "Registered by itself",
    token_endpoint_auth_method: "client_secret_post",
  }, { ...insecure, initialAccessToken: wanted.initial_token }));
const plain = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({
  client_id: registered.client_id,
  redirect_uri: wanted.redirect_uri,
  response_type: "code",
  scope: "openid",
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
})) plain.searchParams.set(name, value);
say({ authorize: plain.href });
const answer = oauth.validateAuthResponse(
  server, registered, new URL(await read()), oauth.expectNoState);
const theirs = await oauth.processAuthorizationCodeResponse(server, registered,
  await oauth.authorizationCodeGrantRequest(server, registered,
    oauth.ClientSecretPost(registered.client_secret), answer, wanted.redirect_uri, verifier,
    insecure), { requireIdToken: true });
say({ sub: oauth.getValidatedIdTokenClaims(theirs).sub });

// A device.
const screen = { client_id: wanted.device_id };
const waiting = await oauth.processDeviceAuthorizationResponse(server, screen,
  await oauth.deviceAuthorizationRequest(
    server, screen, oauth.None(), { scope: "openid profile" }, insecure));
const poll = async () => oauth.processDeviceCodeResponse(server, screen,
  await oauth.deviceCodeGrantRequest(
    server, screen, oauth.None(), waiting.device_code, insecure));
const early = await poll().then(() => "accepted", (error) => error.error);
say({ early, verify: waiting.verification_uri_complete, interval: waiting.interval });
await read();
const seen = await poll();
say({ sub: oauth.getValidatedIdTokenClaims(seen).sub });
process.exit(0);
