// Passkeys: asks the server for options, the browser for an answer, and sends that as a form. Every
// page has another way for browsers that cannot do it; what needs this script is hidden until then.
"use strict";

const RENEW_MS = 4 * 60 * 1000; // a challenge is good for five minutes

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

function text(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const described = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

async function ask(form) {
  const body = new URLSearchParams(new FormData(form));
  body.set("ask", "options");
  const response = await fetch(form.action, { method: "POST", body });
  if (!response.ok || !response.headers.get("Content-Type").startsWith("application/json")) {
    throw new Error(`no options: ${response.status}`);
  }
  const options = await response.json();
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  if (options.allowCredentials) options.allowCredentials = described(options.allowCredentials);
  if (options.excludeCredentials) options.excludeCredentials = described(options.excludeCredentials);
  return options;
}

// Written out, as not every browser and password manager has a toJSON that works.
function written(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = text(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: parts,
    clientExtensionResults: {},
  });
}

function say(form, words = "") {
  const problem = form.querySelector("[data-problem]");
  problem.setAttribute("role", "alert");
  problem.querySelector("p").textContent = words;
  problem.hidden = !words;
}

function send(form, credential) {
  form.elements.answer.value = written(credential);
  form.requestSubmit();
}

function setUp(form) {
  const button = form.querySelector("[data-start]");
  const creates = form.dataset.passkey === "create";
  let waiting = null; // the question that the address field asks

  const prove = async (more) => {
    const publicKey = await ask(form);
    const request = { publicKey, ...more };
    return creates ? navigator.credentials.create(request) : navigator.credentials.get(request);
  };

  const offer = async () => {
    waiting?.abort();
    const mine = (waiting = new AbortController());
    try {
      send(form, await prove({ mediation: "conditional", signal: mine.signal }));
    } catch {
      // Nobody asked for it, so nobody is told: the button and the password are there.
    }
  };

  button.addEventListener("click", async () => {
    if (form.hasAttribute("data-waiting")) return;
    waiting?.abort();
    waiting = null;
    say(form);
    form.toggleAttribute("data-waiting", true);
    try {
      send(form, await prove({}));
    } catch (error) {
      const known = { InvalidStateError: form.dataset.known, NotAllowedError: form.dataset.cancelled };
      say(form, known[error.name] ?? form.dataset.failed);
      if (form.hasAttribute("data-autofill")) offer();
    }
    form.toggleAttribute("data-waiting", false);
  });

  document.querySelectorAll("[data-with-passkeys]").forEach((part) => (part.hidden = false));
  form.hidden = button.hidden = false;
  return offer;
}

async function start() {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const offer = setUp(form);
    if (!form.hasAttribute("data-autofill")) continue;
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) continue;
    offer();
    setInterval(() => document.hidden || form.hasAttribute("data-waiting") || offer(), RENEW_MS);
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  start();
} else {
  document.querySelectorAll("[data-without-passkeys]").forEach((part) => (part.hidden = false));
}
