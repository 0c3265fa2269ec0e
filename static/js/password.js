// Ticks off the rules for a new password while somebody types. Nothing is sent: the server judges.
"use strict";

const PAUSE_MS = 600; // what is read out waits until nobody types

const KEPT = {
  length: (typed, { shortest, longest }) => {
    const characters = [...typed.normalize("NFC")].length;
    return characters >= Number(shortest) && characters <= Number(longest);
  },
  upper: (typed) => /\p{Lu}/u.test(typed),
  lower: (typed) => /\p{Ll}/u.test(typed),
  digit: (typed) => /\p{Nd}/u.test(typed),
};

function setUpMeter(meter) {
  const input = document.getElementById(meter.dataset.passwordMeter);
  const status = meter.querySelector("[data-status]");
  const rules = [...meter.querySelectorAll("[data-rule]")];
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
    clearTimeout(pause);
    pause = setTimeout(say, PAUSE_MS);
  };
  input.addEventListener("input", check);
  check(); // a password manager may have been faster
}

document.querySelectorAll("[data-password-meter]").forEach(setUpMeter);
