// A receiver made with the library of Standard Webhooks: which of these messages it takes.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const wanted = JSON.parse((await lines.next()).value);
const library = new Webhook(wanted.secret);
const verified = wanted.messages.map((headers) => {
  try {
    library.verify(wanted.body, headers);
    return true;
  } catch {
    return false;
  }
});
console.log(JSON.stringify({ verified }));
process.exit(0);
