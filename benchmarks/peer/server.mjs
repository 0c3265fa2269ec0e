// npm oidc-provider with its in-memory default, doing the work that authserver does:
// ES256 JWT access tokens, RS256 ID tokens, PKCE S256 always, rotation at every refresh.
// Where the two cannot be made equal the peer has the cheaper choice: unsigned cookies,
// tokens not bound to the session, no log, and opaque tokens at introspection and userinfo
// (it refuses JWT access tokens there).
//
// Usage: node server.mjs PORT CLIENT_SECRET
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const [port, clientSecret] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const RESOURCE = 'https://api.bench.test';
const PERSON = 'usr_bench';
const SCOPES = 'openid profile email';

function signingKey(type, options, alg) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: alg };
}

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'web',
    client_secret: clientSecret,
    redirect_uris: ['http://localhost:9/cb'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'RS256',
  }],
  jwks: {
    keys: [
      signingKey('ec', { namedCurve: 'P-256' }, 'ES256'),
      signingKey('rsa', { modulusLength: 2048 }, 'RS256'),
    ],
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    revocation: { enabled: true },
    userinfo: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: async () => true,
      getResourceServerInfo: async () => ({
        scope: 'bench:read',
        audience: RESOURCE,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  pkce: { required: () => true },
  scopes: ['openid', 'profile', 'email'],
  claims: { profile: ['name'], email: ['email', 'email_verified'] },
  findAccount: async (ctx, accountId) => ({
    accountId,
    claims: async () => ({
      sub: accountId, name: 'A', email: 'a@bench.test', email_verified: true,
    }),
  }),
  issueRefreshToken: async () => true,
  rotateRefreshToken: () => true,
  expiresWithSession: async () => false,
  interactions: { url: async (ctx, interaction) => `/interaction/${interaction.uid}` },
  clientBasedCORS: () => false,
  ttl: {
    AccessToken: 900,
    AuthorizationCode: 60,
    ClientCredentials: 300,
    Grant: 30 * 86400,
    IdToken: 900,
    Interaction: 3600,
    RefreshToken: 7 * 86400,
    Session: 86400,
  },
});

// Signs the person in and grants everything, without a page.
async function signIn(req, res) {
  const { params } = await provider.interactionDetails(req, res);
  const grant = new provider.Grant({ accountId: PERSON, clientId: params.client_id });
  grant.addOIDCScope(SCOPES);
  grant.addResourceScope(RESOURCE, 'bench:read');
  const grantId = await grant.save();
  await provider.interactionFinished(req, res, {
    login: { accountId: PERSON },
    consent: { grantId },
  });
}

const answer = provider.callback();

createServer((req, res) => {
  if (!req.url.startsWith('/interaction/')) {
    answer(req, res);
    return;
  }
  signIn(req, res).catch((error) => {
    res.writeHead(500).end(String(error));
  });
}).listen(Number(port), '127.0.0.1');
