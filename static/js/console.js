// Adds comfort to the console: a secret is saved as a file, what only helps without scripts goes.
"use strict";

function setUpSave(button) {
  button.addEventListener("click", () => {
    const lines = [...document.querySelectorAll("[data-save-from] > div")].map((row) => {
      const label = row.querySelector("dt").textContent.trim();
      return `${label}: ${row.querySelector("code").textContent.trim()}`;
    });
    const url = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/plain" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: button.dataset.save });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
  button.hidden = false;
}

document.querySelectorAll("[data-save]").forEach(setUpSave);
document.querySelectorAll("[data-scriptless]").forEach((element) => {
  element.hidden = true;
});
