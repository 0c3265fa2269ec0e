// The proof of a trail, computed beside the page by trail_verifier.js: progress, and the verdict in
// words. The browser remembers the checkpoint that it saw verified, and holds the server to it later.
"use strict";

(() => {
  const panel = document.querySelector("[data-verify]");
  if (!panel || !window.Worker) return;
  const { worker: script, bundle, keys, session, tenant } = panel.dataset;
  const find = (name) => panel.querySelector(`[data-${name}]`);
  const PLACE = `authserver trail ${tenant}`;
  const words = (name) => panel.querySelector(`template[data-words="${name}"]`)?.content.textContent.trim() ?? name;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const counted = (number) => number.toLocaleString(document.documentElement.lang || undefined);

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(PLACE));
    } catch {
      return null;
    }
  }

  function remember(note) {
    try {
      localStorage.setItem(PLACE, JSON.stringify({ note }));
    } catch {
      // Without a memory it is verified all the same.
    }
  }

  const numberOf = (note) => note.split("\n")[1];

  // What the reader kept: a file of keys, and files of checkpoints.
  async function given(known) {
    const files = [...find("files").files];
    const texts = await Promise.all(files.map((file) => file.text()));
    const isKeys = (text) => text.trimStart().startsWith("{");
    const saved = texts.find(isKeys);
    const anchors = texts.filter((text) => !isKeys(text));
    return { keys: saved ? JSON.parse(saved) : null, anchors: known ? [...anchors, known.note] : anchors };
  }

  function show(state, title, text) {
    panel.dataset.state = state;
    find("title").textContent = title;
    find("text").textContent = text;
  }

  function facts(verdict, known) {
    const rows = [
      ["events", filled(words("range"), { count: counted(verdict.events + verdict.tombstones), first: counted(verdict.first), last: counted(verdict.last) })],
      ["removed", verdict.tombstones && counted(verdict.tombstones)],
      ["checkpoint", verdict.checkpoint && counted(verdict.checkpoint)],
      ["time", verdict.time && new Date(verdict.time).toLocaleString(document.documentElement.lang || undefined)],
      ["key", verdict.keys.join(", ")],
      ["kept", verdict.anchors && filled(words(known ? "remembered" : "compared"), { number: known ? numberOf(known.note) : "", count: counted(verdict.anchors) })],
      ["unchecked", verdict.unchecked.join(", ")],
    ];
    find("facts").replaceChildren(
      ...rows.filter(([, value]) => value).map(([name, value]) => {
        const row = document.createElement("div");
        row.append(Object.assign(document.createElement("dt"), { textContent: words(name) }));
        row.append(Object.assign(document.createElement("dd"), { textContent: value }));
        return row;
      }),
    );
  }

  function judge({ verdict, note }, known) {
    const reasons = verdict.reasons.map((reason) => words(`reason ${reason}`)).join(" ");
    if (verdict.status === "verified") {
      show("verified", words("verified"), words("verified text"));
      remember(note);
    } else if (verdict.status === "tampered") {
      const at = verdict.at === null ? words("tampered") : filled(words("tampered at"), { number: counted(verdict.at) });
      show("tampered", at, reasons);
    } else if (verdict.status === "incomplete") {
      show("incomplete", words("incomplete"), reasons);
    } else {
      show("failed", words("failed"), words("unusable"));
    }
    if (verdict.first) facts(verdict, known);
    const forked = verdict.notes ?? [];
    find("notes").textContent = forked.join("\n");
    find("notes").hidden = !forked.length;
  }

  async function begin() {
    const button = find("begin");
    if (button.ariaDisabled === "true") return;
    const bar = find("progress");
    const since = find("since").value.trim();
    // A checkpoint from before the stretch says nothing of it.
    const [known] = [remembered()].filter((one) => one && (!since || Number(numberOf(one.note)) >= Number(since)));
    // Not `disabled`: the keyboard would lose its place.
    button.ariaDisabled = "true";
    find("facts").replaceChildren();
    find("notes").hidden = true;
    bar.removeAttribute("value");
    show("running", words("running"), words("running text"));
    const worker = new Worker(script);
    const end = () => {
      worker.terminate();
      button.ariaDisabled = "false";
    };
    worker.addEventListener("error", () => {
      end();
      show("failed", words("failed"), words("no worker"));
    });
    worker.addEventListener("message", ({ data }) => {
      if (data.verdict) {
        end();
        judge(data, known);
      } else if (data.failed) {
        end();
        show("failed", words("failed"), words(data.failed === "404" ? "no checkpoint" : "no answer"));
      } else {
        bar.max = data.total;
        bar.value = data.done;
        find("text").textContent = filled(words("progress"), { done: counted(data.done), total: counted(data.total) });
      }
    });
    let trust;
    try {
      trust = await given(known);
    } catch {
      end();
      show("failed", words("failed"), words("unusable"));
      return;
    }
    const query = { ...(since && { since }), ...(known && { known: numberOf(known.note) }) };
    const source = { url: bundle, keys, headers: { "Console-Session": session }, query };
    worker.postMessage({ source, given: trust });
  }

  find("begin").addEventListener("click", begin);
  panel.hidden = false;
})();
