// Verifies bundles for tests: one JSON document a line comes in, one verdict a line goes out.
"use strict";

const { createInterface } = require("node:readline");
const { verify } = require("../../../static/js/trail_verifier.js");

async function* pieces(data, size) {
  for (let at = 0; at < data.length; at += size) {
    yield new Uint8Array(data.subarray(at, at + size));
  }
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    const { bundle, size = 4096, given } = JSON.parse(line);
    const data = Buffer.from(bundle, "base64");
    const verdict = await verify(pieces(data, size), given).catch((error) => ({ crash: `${error.stack}` }));
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
  }
})();
