// Ticks off the rules for a new password while somebody types, and estimates how hard it is to guess.
// Nothing is sent: the server judges, and knows thirty thousand passwords that nobody should use.
"use strict";

const PAUSE_MS = 600; // what is read out waits until nobody types
const LEVELS = [36, 50, 64]; // bits from which on it is fair, good, strong
const LOOKED_AT = 128; // characters: more is strong anyway, or a repetition

const KEPT = {
  length: (typed, { shortest, longest }) => {
    const characters = [...typed.normalize("NFC")].length;
    return characters >= Number(shortest) && characters <= Number(longest);
  },
  upper: (typed) => /\p{Lu}/u.test(typed),
  lower: (typed) => /\p{Ll}/u.test(typed),
  digit: (typed) => /\p{Nd}/u.test(typed),
};

const ROWS = ["qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1234567890"];
const WRITTEN_AS = new Map([..."0o1i3e4a5s7t@a$s!i"].flatMap((c, i, all) => (i % 2 ? [] : [[c, all[i + 1]]])));
const plain = (text) => [...text.normalize("NFC").toLowerCase()].map((c) => WRITTEN_AS.get(c) ?? c).join("");
const USUAL = plain(
  "password passwort passwor motdepasse contrasena clave geheim secret admin login welcome willkommen " +
  "bienvenue letmein hello hallo bonjour dragon monkey football fussball sunshine princess iloveyou " +
  "master shadow michael summer sommer winter spring autumn herbst monday montag january januar 1q2w3e 1qaz 2wsx"
).split(" ");
const CLASSES = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u];
const BITS = [3.2, 3.7, 3.3, 5]; // of a character: letters mostly stand in words

const wordsOf = (texts) => texts.flatMap((text) => plain(text).split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length > 3);
const classOf = (character) => (CLASSES.findIndex((one) => one.test(character)) + 4) % 4;

function follows(a, b, step) {
  if (a === b) return true;
  const distance = b.codePointAt(0) - a.codePointAt(0);
  if (Math.abs(distance) === 1 && (step === null || step === distance)) return true;
  return ROWS.some((row) => row.includes(a) && row.includes(b) && Math.abs(row.indexOf(a) - row.indexOf(b)) === 1);
}

// Each word that others know counts as little, however long it is: `known` of the person, or usual ones.
function withoutWords(typed, known) {
  let left = plain(typed), bits = 0, told = 0;
  for (const [words, cost] of [[known, 2], [USUAL, 6]]) {
    for (const word of words) {
      const parts = left.split(word);
      if (parts.length === 1) continue;
      bits += cost;
      told += cost === 2 ? word.length * (parts.length - 1) : 0;
      left = parts.join("\0".repeat(word.length));
    }
  }
  return { left: [...left], bits, told };
}

function bitsOf(typed, known) {
  const characters = [...typed.normalize("NFC")];
  const unit = (typed + typed).indexOf(typed, 1);
  if (unit < typed.length) return bitsOf(typed.slice(0, unit), known) + Math.log2(typed.length / unit);
  let { left, bits, told } = withoutWords(typed, known);
  if (2 * told >= characters.length) return 0;
  let before = null, step = null;
  const low = [...typed.normalize("NFC").toLowerCase()];
  characters.forEach((character, place) => {
    if (left[place] === "\0") return (before = null);
    const kind = classOf(character);
    const easy = before !== null && follows(low[before], low[place], step);
    step = easy ? low[place].codePointAt(0) - low[before].codePointAt(0) : null;
    const changes = before !== null && classOf(characters[before]) !== kind;
    bits += easy ? 0.5 : BITS[kind] + (changes ? 1.5 : 0);
    before = place;
  });
  return bits;
}

// 0 for nothing, 1 weak, 2 fair, 3 good, 4 strong.
function levelOf(typed, known, allKept) {
  if (!typed) return 0;
  const bits = allKept ? bitsOf(typed.slice(0, LOOKED_AT), known) : 0;
  return 1 + LEVELS.filter((least) => bits >= least).length;
}

function setUpEstimate(meter, input) {
  const box = meter.querySelector("[data-estimate]"), word = box.querySelector("[data-word]");
  const names = box.dataset.words.split("|");
  box.hidden = false;
  return (allKept) => {
    const fields = ["username", "name"].map((name) => input.form?.elements[name]?.value ?? "");
    const level = levelOf(input.value, wordsOf([...fields, box.dataset.about]), allKept);
    box.dataset.estimate = level;
    const said = level ? names[level - 1] : "";
    if (word.textContent !== said) word.textContent = said;
  };
}

function setUpMeter(meter) {
  const input = document.getElementById(meter.dataset.passwordMeter);
  const status = meter.querySelector("[data-status]");
  const rules = [...meter.querySelectorAll("[data-rule]")];
  const estimate = setUpEstimate(meter, input);
  let pause;

  const say = () => {
    const missing = rules.filter((rule) => !rule.hasAttribute("data-kept"));
    const words = missing.map((rule) => rule.textContent.trim()).join(", ");
    status.textContent = !input.value ? "" : words ? `${status.dataset.missing} ${words}` : status.dataset.done;
  };
  const check = () => {
    for (const rule of rules) {
      rule.toggleAttribute("data-kept", KEPT[rule.dataset.rule](input.value, meter.dataset));
    }
    estimate(rules.every((rule) => rule.hasAttribute("data-kept")));
    clearTimeout(pause);
    pause = setTimeout(say, PAUSE_MS);
  };
  input.addEventListener("input", check);
  check(); // a password manager may have been faster
}

document.querySelectorAll("[data-password-meter]").forEach(setUpMeter);
