// The ceiling of the load generator: a server that answers every operation at once with the same
// bytes. `run.py --targets canned` must be far above every real server.
import { createServer } from 'node:http';

const port = Number(process.argv[2]);
const base = `http://localhost:${port}`;
const page = {
  authorization_endpoint: `${base}/authorize`,
  token_endpoint: `${base}/token`,
  introspection_endpoint: `${base}/introspect`,
  userinfo_endpoint: `${base}/userinfo`,
  jwks_uri: `${base}/jwks`,
  keys: [],
  active: true,
  sub: 'canned',
};
const part = (length) => 'x'.repeat(length);
const token = `${part(60)}.${part(500)}.${part(86)}`;
let serial = 0;

createServer((req, res) => {
  if (req.url.startsWith('/authorize')) {
    res.writeHead(302, { Location: 'http://localhost:9/cb?code=canned&state=bench-state' }).end();
    return;
  }
  serial += 1;
  res.writeHead(200, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(req.url === '/token'
    ? { access_token: token, id_token: token, refresh_token: `r${serial}`, expires_in: 900 }
    : page));
}).listen(port, '127.0.0.1');
