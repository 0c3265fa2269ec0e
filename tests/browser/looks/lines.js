// The longest line of running text, in characters: who reads long ones loses the next line.
"use strict";

window.linesLook = (most) => {
  const BLOCKS = "p, li, dt, dd, h1, h2, label, summary, td";
  const range = document.createRange();
  const lines = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const block = text.parentElement.closest(BLOCKS);
    if (!block?.checkVisibility() || text.parentElement.closest("pre, code")) continue;
    if (!lines.has(block)) lines.set(block, new Map());
    const counts = lines.get(block);
    for (let at = 0; at < text.length; at += 1) {
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      const { width, bottom } = range.getBoundingClientRect();
      if (width) counts.set(Math.round(bottom / 8), (counts.get(Math.round(bottom / 8)) ?? 0) + 1);
    }
  }
  return [...lines]
    .map(([block, counts]) => [block, Math.max(0, ...counts.values())])
    .filter(([, longest]) => longest > most)
    .map(([block, longest]) => `a line of ${longest} characters: ${block.textContent.trim().slice(0, 60)}`);
};
