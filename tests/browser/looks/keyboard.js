// What the keyboard reaches, and how that shows. Python presses the keys: a browser trusts no other.
"use strict";

window.keyboardLook = (() => {
  const KINDS = "a[href], button, input, select, textarea, summary, iframe, [tabindex]";
  const MAIN = [
    "main form button.button-primary",
    "main form button.button-danger",
    "main form button",
    "main a.button",
    "main a",
  ];
  const plain = new Map();
  let expected = [];
  let seen = [];
  let pressed = 0;

  const style = (element) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(element);
    return [outlineStyle === "none" ? "none" : `${outlineStyle} ${outlineWidth} ${outlineColor}`, boxShadow].join();
  };

  const words = (element) => {
    const { tagName, id, name, href } = element;
    return [tagName.toLowerCase(), id && `#${id}`, name, href, element.textContent.trim().slice(0, 40)]
      .filter(Boolean)
      .join(" ");
  };

  const reachable = (element) =>
    element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true });

  const watch = ({ target }) => seen.push([target, style(target)]);

  const count = (event) => {
    if (event.isTrusted) pressed += 1;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  // What comes later stands lower, or further on the line, or in a column further on.
  const backwards = (one, next) => {
    const [a, b] = [one.getBoundingClientRect(), next.getBoundingClientRect()];
    const above = b.bottom <= a.top + 1;
    const below = b.top >= a.bottom - 1;
    return (above && b.left < a.right - 1) || (!below && b.right <= a.left + 1);
  };

  return {
    // Begins above the first element, whatever had the focus.
    begin() {
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute("tabindex");
      expected = [...document.querySelectorAll(KINDS)].filter(reachable);
      seen = [];
      for (const element of expected) plain.set(element, style(element));
      document.addEventListener("focusin", watch);
      return expected.length;
    },

    // Frames are tabbed through, too, and say nothing of it here.
    passed() {
      return expected.at(-1) !== document.activeElement && seen.length >= expected.filter((one) => one.tagName !== "IFRAME").length;
    },

    end() {
      document.removeEventListener("focusin", watch);
      const reached = new Set(seen.map(([element]) => element));
      const wanted = expected.filter((element) => element.tagName !== "IFRAME");
      const order = seen.map(([element]) => element).slice(0, wanted.length);
      return [
        ...wanted.filter((one) => !reached.has(one)).map((one) => `no key reaches ${words(one)}`),
        ...seen.filter(([one, now]) => now === plain.get(one)).map(([one]) => `no focus is seen on ${words(one)}`),
        ...(wanted.some((one, index) => order[index] !== one) ? [`another order: ${order.map(words).join("; ")}`] : []),
        ...(expected.length && expected.at(-1) === document.activeElement ? ["the last element keeps the focus"] : []),
      ];
    },

    order() {
      // What keeps its place while the page is scrolled would seem to stand elsewhere.
      window.scrollTo(0, 0);
      const shown = [...document.querySelectorAll(KINDS)].filter(reachable);
      // An open menu lies above what comes after it.
      const late = shown.slice(1).filter((next, index) => {
        const one = shown[index];
        return (!one.closest(".menu") || next.closest(".menu")) && backwards(one, next);
      });
      return [
        ...late.map((one) => `comes too late: ${words(one)}`),
        ...shown.filter((one) => one.tabIndex > 0).map((one) => `jumps the queue: ${words(one)}`),
      ];
    },

    // Gives the focus to what the page is for; the keys that press it are counted and do nothing.
    press() {
      const main = MAIN.map((one) => [...document.querySelectorAll(one)].find(reachable)).find(Boolean);
      if (!main) return [];
      pressed = 0;
      window.addEventListener("click", count, true);
      main.focus();
      return main.tagName === "A" ? ["Enter"] : ["Enter", "Space"];
    },

    presses() {
      window.removeEventListener("click", count, true);
      return pressed;
    },
  };
})();
