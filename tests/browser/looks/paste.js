// Whether what is pasted into a password field stays there. Python presses the keys.
"use strict";

window.pasteLook = (() => {
  const COPIED = "pasted Words 7";
  let fields = [];
  let kept = [];
  let source = null;

  return {
    fields() {
      fields = [...document.querySelectorAll("input[type=password]")].filter((field) => field.checkVisibility());
      kept = fields.map((field) => field.value);
      return fields.length;
    },
    copy() {
      source = document.createElement("textarea");
      source.value = COPIED;
      document.body.append(source);
      source.select();
    },
    pasteTo(number) {
      source.remove();
      fields[number].value = "";
      fields[number].focus();
    },
    unpasted() {
      const refused = fields.filter((field) => field.value !== COPIED).map((field) => `refuses a paste: ${field.id}`);
      fields.forEach((field, number) => (field.value = kept[number]));
      return refused;
    },
  };
})();
