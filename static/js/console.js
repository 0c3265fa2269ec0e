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

// A colour: a picker beside its digits, and a preview that follows both.
function setUpColour(field) {
  const picker = document.createElement("input");
  const row = document.createElement("div");
  picker.type = "color";
  picker.className = "colour-picker";
  picker.setAttribute("aria-label", field.dataset.colour);
  row.className = "colour";
  field.before(row);
  row.append(picker, field);
  const isColour = () => /^#[0-9a-f]{6}$/.test(field.value);
  const preview = document.querySelector("[data-preview]");
  const show = () => {
    if (isColour()) picker.value = field.value;
    if (!preview) return;
    let sheet = document.querySelector("[data-preview-sheet]");
    if (!sheet) {
      sheet = Object.assign(document.createElement("link"), { rel: "stylesheet" });
      sheet.dataset.previewSheet = "";
      document.head.append(sheet);
    }
    sheet.disabled = !isColour();
    if (isColour()) sheet.href = preview.dataset.preview.replace("000000", field.value.slice(1));
  };
  picker.addEventListener("input", () => {
    field.value = picker.value;
    show();
  });
  field.addEventListener("input", () => {
    field.value = field.value.trim().toLowerCase();
    show();
  });
  picker.value = isColour() ? field.value : "#2450d3";
}

document.querySelectorAll("[data-colour]").forEach(setUpColour);
