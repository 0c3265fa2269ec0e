// oidc-provider, as somebody else would run it. The first line of the input says what it is to be:
//   { port, clients, pages }
// It says { ready: issuer }, and obeys further lines, saying { done: true } to each:
//   { rotate: true }             signs with a new key, publishes that one alone
//   { tamper: { claims, alg } }  spoils the ID tokens that leave: claims over its own (null leaves
//                                out), alg "none", "HS256" (keyed with the public key) or "stranger"
//   { tamper: null }             is honest again
// Without `pages` it signs in whoever the `login_hint` says, or ada@corp.example; with them it shows
// its own pages, where the name that is typed is who it is. Everybody has an address and a name.
import { createHmac, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { SignJWT, decodeJwt, decodeProtectedHeader } from "jose";
import Provider from "oidc-provider";

// The library's notices are not what we say.
console.info = console.warn = console.error;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => {
  const { value, done } = await lines.next();
  return done ? null : JSON.parse(value);
};
const say = (value) => console.log(JSON.stringify(value));
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

const wanted = await read();
const issuer = `http://localhost:${wanted.port}`;
let keys;
let tampering = null;
let generation = 0;

const rotate = () => {
  generation += 1;
  keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  provider = make();
};

// What it remembers outlives a rotation.
const kept = new Map();
class Kept {
  constructor(kind) { this.kind = kind; }
  at(id) { return `${this.kind}:${id}`; }
  async upsert(id, payload) { kept.set(this.at(id), payload); }
  async find(id) { return kept.get(this.at(id)); }
  async findByUid(uid) { return [...kept.values()].find((one) => one.uid === uid); }
  async findByUserCode() { return undefined; }
  async consume(id) { kept.get(this.at(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { kept.delete(this.at(id)); }
  async revokeByGrantId(grantId) {
    for (const [key, one] of kept) if (one.grantId === grantId) kept.delete(key);
  }
}

const findAccount = (_, id) => ({
  accountId: id,
  claims: () => ({
    sub: id,
    email: id.includes("@") ? id : `${id}@corp.example`,
    email_verified: true,
    name: `Name of ${id.split("@")[0]}`,
    locale: "de-AT",
    zoneinfo: "Europe/Vienna",
  }),
});

const make = () => {
  const jwk = { ...keys.privateKey.export({ format: "jwk" }), kid: `key-${generation}`, use: "sig" };
  const made = new Provider(issuer, {
    adapter: Kept,
    clients: wanted.clients,
    jwks: { keys: [{ ...jwk, alg: "RS256" }] },
    cookies: { keys: ["only for tests"] },
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "locale", "zoneinfo"],
    },
    features: {
      devInteractions: { enabled: Boolean(wanted.pages) },
      userinfo: { enabled: true },
    },
    findAccount,
    pkce: { required: () => true },
    ...(wanted.pages ? {} : { interactions: { url: (_, { uid }) => `/interaction/${uid}` } }),
  });
  made.use(async (ctx, next) => {
    await next();
    if (tampering && ctx.path === "/token" && ctx.body?.id_token) {
      ctx.body = { ...ctx.body, id_token: await spoiled(ctx.body.id_token) };
    }
  });
  return made;
};

const spoiled = async (token) => {
  const header = decodeProtectedHeader(token);
  const claims = { ...decodeJwt(token), ...tampering.claims };
  for (const [name, value] of Object.entries(claims)) if (value === null) delete claims[name];
  if (tampering.alg === "none") return `${encode({ ...header, alg: "none" })}.${encode(claims)}.`;
  if (tampering.alg === "HS256") {
    const secret = keys.publicKey.export({ type: "spki", format: "pem" });
    const data = `${encode({ ...header, alg: "HS256" })}.${encode(claims)}`;
    return `${data}.${createHmac("sha256", secret).update(data).digest("base64url")}`;
  }
  const key = tampering.alg === "stranger"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
    : keys.privateKey;
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
};

// Sign in and agree to everything, as the person who is hinted at.
const interact = async (request, response) => {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const accountId = session?.accountId ?? params.login_hint ?? "ada@corp.example";
  if (prompt.name === "login") {
    const result = { login: { accountId: params.login_hint ?? accountId } };
    return provider.interactionFinished(request, response, result);
  }
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
};

let provider;
rotate();
const server = createServer((request, response) => {
  if (!wanted.pages && request.url.startsWith("/interaction/")) {
    interact(request, response).catch((error) => response.writeHead(500).end(String(error)));
  } else {
    provider.callback()(request, response);
  }
});
server.listen(wanted.port, "localhost", async () => {
  say({ ready: issuer });
  for (let told = await read(); told !== null; told = await read()) {
    if (told.rotate) rotate();
    if ("tamper" in told) tampering = told.tamper;
    say({ done: true });
  }
  process.exit(0);
});
