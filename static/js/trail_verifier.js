// Verifies a bundle of a tenant's trail in the reader's own browser, in a Worker, or in Node.
// docs/trail-format.md is what it follows: it shares no code with the server, nor with the other
// verifier. SHA-256 is computed here, as WebCrypto's answers come too slowly for short texts.
"use strict";

(() => {
  const MAX_LINE = 8 * 1024 * 1024;
  const MAX_NOTE = 65536;
  const MOST = { key: 1000, checkpoint: 10000 };
  const PROGRESS_EVERY = 2000;
  const KINDS = ["bundle", "key", "checkpoint", "head", "consistency", "start", "event", "end"];
  const [BUNDLE, , CHECKPOINT, , , START, EVENT, END] = KINDS.keys();
  const ONCE = new Set(["bundle", "start", "end"]);
  const INCOMPLETE = [
    "uncovered", "keys_untrusted", "anchor_newer", "anchor_absent", "anchor_headless",
    "anchor_unknown",    "cosignature_missing", "no_ed25519",
  ];

  class Tampered extends Error {
    constructor(reason, at = null, until = null, notes = []) {
      super(reason);
      Object.assign(this, { reason, at, until, notes });
    }
  }

  class CutShort extends Error {} // what was packed has no end
  class Unreadable extends Error {} // a line, or a part of one, that is not what it should be
  class Unusable extends Error {} // what the reader gave to the verifier

  function need(holds) {
    if (!holds) {
      throw new Unreadable();
    }
  }

  // --- Bytes and hashes ---

  const utf8 = new TextEncoder();
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  const K = new Int32Array(64);
  const INITIAL = new Int32Array(8);
  (() => {
    const primes = [];
    for (let n = 2; primes.length < 64; n += 1) {
      if (primes.every((prime) => n % prime)) {
        primes.push(n);
      }
    }
    const fraction = (value) => Math.floor((value - Math.floor(value)) * 2 ** 32) | 0;
    primes.forEach((prime, at) => {
      K[at] = fraction(Math.cbrt(prime));
    });
    primes.slice(0, 8).forEach((prime, at) => {
      INITIAL[at] = fraction(Math.sqrt(prime));
    });
  })();

  const W = new Int32Array(64);

  function compress(state, data, from) {
    for (let i = 0, p = from; i < 16; i += 1, p += 4) {
      W[i] = (data[p] << 24) | (data[p + 1] << 16) | (data[p + 2] << 8) | data[p + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = W[i - 15];
      const y = W[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
    }
    // By index: taking an array apart goes through an iterator, which costs more than the rounds.
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }

  function setUint32(data, at, word) {
    data[at] = word >>> 24;
    data[at + 1] = word >>> 16;
    data[at + 2] = word >>> 8;
    data[at + 3] = word;
  }

  function setUint64(data, at, value) {
    setUint32(data, at, Math.floor(value / 2 ** 32));
    setUint32(data, at + 4, value % 2 ** 32);
  }

  const TAIL = new Uint8Array(128);

  function sha256(data) {
    const state = INITIAL.slice();
    const whole = data.length - (data.length % 64);
    for (let at = 0; at < whole; at += 64) {
      compress(state, data, at);
    }
    const rest = data.length - whole;
    const length = rest < 56 ? 64 : 128;
    TAIL.fill(0);
    TAIL.set(data.subarray(whole));
    TAIL[rest] = 0x80;
    setUint64(TAIL, length - 8, data.length * 8);
    for (let at = 0; at < length; at += 64) {
      compress(state, TAIL, at);
    }
    const found = new Uint8Array(32);
    for (let at = 0; at < 8; at += 1) {
      setUint32(found, at * 4, state[at]);
    }
    return found;
  }

  function joined(...parts) {
    const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  function uint64(value) {
    const data = new Uint8Array(8);
    if (typeof value === "bigint") {
      new DataView(data.buffer).setBigUint64(0, value);
    } else {
      setUint64(data, 0, value);
    }
    return data;
  }

  const ascii = (text) => utf8.encode(text);
  const packed = (data) => joined(uint64(data.length), data);
  function same(a, b) {
    let differ = a.length ^ b.length;
    for (let at = 0; at < a.length; at += 1) {
      differ |= a[at] ^ b[at];
    }
    return differ === 0;
  }

  const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

  const NODE = new Uint8Array(65);
  NODE[0] = 1;

  function node(left, right) {
    NODE.set(left, 1);
    NODE.set(right, 33);
    return sha256(NODE);
  }

  function rootOf(subtrees) {
    return subtrees.length ? subtrees.reduceRight((root, left) => node(left, root)) : sha256(ascii(""));
  }

  // RFC 9162 section 2.1.3.2, with the path read from the top: what is on the left of the leaf's
  // own subtree has the largest power of two of leaves.
  function rootByProof(leaf, index, size, proof) {
    let rest = proof.length;
    const climb = (at, count) => {
      if (count === 1) {
        return leaf;
      }
      rest -= 1;
      const sibling = proof[rest];
      if (!sibling) {
        return null;
      }
      const half = halfOf(count);
      const below = at < half ? climb(at, half) : climb(at - half, count - half);
      if (!below) {
        return null;
      }
      return at < half ? node(below, sibling) : node(sibling, below);
    };
    const root = index < size ? climb(index, size) : null;
    return rest === 0 ? root : null;
  }

  function halfOf(count) {
    let half = 1;
    while (half * 2 < count) {
      half *= 2;
    }
    return half;
  }

  // RFC 9162 section 2.1.4.1 read backwards: [root of the old tree, root of the new one].
  function rootsByProof(oldSize, oldRoot, newSize, proof) {
    let rest = proof.length;
    const climb = (old, count, whole) => {
      if (old === count) {
        if (whole) {
          return [oldRoot, oldRoot];
        }
        rest -= 1;
        const found = proof[rest];
        return found ? [found, found] : null;
      }
      rest -= 1;
      const sibling = proof[rest];
      if (!sibling) {
        return null;
      }
      const half = halfOf(count);
      if (old <= half) {
        const below = climb(old, half, whole);
        return below && [below[0], node(below[1], sibling)];
      }
      const below = climb(old - half, count - half, false);
      return below && [node(sibling, below[0]), node(sibling, below[1])];
    };
    const roots = climb(oldSize, newSize, true);
    return rest === 0 ? roots : null;
  }

  // --- What lines are made of ---

  // Tells whether no half of a pair stands alone (RFC 3629 section 3).
  const isWhole = "".isWellFormed ? (value) => value.isWellFormed() : (value) => !/\p{Cs}/u.test(value);

  function text(value) {
    need(typeof value === "string" && isWhole(value));
    return value;
  }

  function integer(value) {
    need(Number.isSafeInteger(value) && value >= 0);
    return value;
  }

  function bytes(value) {
    let binary;
    try {
      binary = atob(text(value));
    } catch {
      throw new Unreadable();
    }
    need(btoa(binary) === value);
    const found = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) {
      found[at] = binary.charCodeAt(at);
    }
    return found;
  }

  function hash(value) {
    const found = bytes(value);
    need(found.length === 32);
    return found;
  }

  function hashes(value) {
    need(Array.isArray(value) && value.length <= 64);
    return value.map(hash);
  }

  function time(value) {
    const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/.exec(text(value));
    need(parts);
    const seconds = Date.parse(`${parts[1]}Z`);
    need(seconds >= 0 && new Date(seconds).toISOString() === `${parts[1]}.000Z`);
    return { written: value, micros: BigInt(seconds) * 1000n + BigInt(parts[2]) };
  }

  function keyId(value) {
    need(/^[0-9a-f]{8}$/.test(text(value)));
    return value;
  }

  const orNull = (read) => (value) => (value === null ? null : read(value));

  const KEY = {
    name: text, id: keyId, algorithm: text, public: bytes, from: time, until: orNull(time),
    signer: orNull(keyId), cross: orNull(bytes),
  };
  const MEMBERS = {
    bundle: { version: integer, tenant: text, origin: text, first: integer, last: integer },
    key: KEY,
    checkpoint: { number: integer, note: text, proof: hashes },
    head: { checkpoint: integer, size: integer, root: hash, chain: hash, index: integer, proof: hashes },
    consistency: { from: integer, to: integer, proof: hashes },
    start: { chain: hash, frontier: hashes },
    event: { seq: integer, body: text, chain: hash },
    tombstone: { seq: integer, leaf: hash, chain: hash },
    end: { events: integer, tombstones: integer },
  };

  function isDocument(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  function members(document, wanted) {
    const names = Object.keys(wanted);
    need(isDocument(document) && Object.keys(document).join() === names.join());
    return Object.fromEntries(names.map((name) => [name, wanted[name](document[name])]));
  }

  function readLine(data) {
    let document;
    let line;
    try {
      line = strict.decode(data);
      document = JSON.parse(line);
    } catch {
      throw new Unreadable();
    }
    need(isDocument(document) && Object.keys(document)[0] === "kind");
    const { kind, ...others } = document;
    need(typeof kind === "string" && Object.hasOwn(MEMBERS, kind));
    need(JSON.stringify(document) === line);
    return { kind, said: members(others, MEMBERS[kind]) };
  }

  function digits(value) {
    need(/^(0|[1-9]\d{0,15})$/.test(value));
    return integer(Number(value));
  }

  function readNote(whole) {
    const at = whole.lastIndexOf("\n\n");
    need(at >= 0 && whole.endsWith("\n") && ascii(whole).length <= MAX_NOTE);
    const said = whole.slice(0, at).split("\n");
    const lines = whole.slice(at + 2, -1).split("\n");
    need(said.length === 5 && lines.length <= 64);
    const [origin, count, root, moment, heads] = said;
    const [word, many, headsRoot, ...more] = heads.split(" ");
    need(origin && word === "heads" && headsRoot !== undefined && !more.length);
    need(moment.startsWith("time "));
    const number = digits(count);
    need(number >= 1);
    return {
      whole,
      text: whole.slice(0, at + 1),
      origin,
      number,
      root: hash(root),
      time: time(moment.slice(5)),
      heads: digits(many),
      headsRoot: hash(headsRoot),
      signatures: lines.map(readSignature),
    };
  }

  function readSignature(line) {
    const [dash, name, value, ...more] = line.split(" ");
    need(dash === "\u2014" && name && !name.includes("+") && value !== undefined && !more.length);
    const data = bytes(value);
    need(data.length > 4);
    return { name, id: hex(data.subarray(0, 4)), signature: data.subarray(4) };
  }

  // --- Keys and signatures ---

  const MARKS = {
    ed25519: Uint8Array.of(1),
    "ml-dsa-65": joined(Uint8Array.of(0xff), ascii("authserver ML-DSA-65")),
    witness: Uint8Array.of(4),
  };
  const idOf = (name, mark, key) => hex(sha256(joined(ascii(`${name}\n`), mark, key)).subarray(0, 4));
  // RFC 8032 section 7.1, test 1: what cannot check this checks no signature.
  const KNOWN = {
    key: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    signature: "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==",
  };
  let ability = null;

  async function edVerified(key, signature, data) {
    const form = { name: "Ed25519" };
    try {
      const imported = await crypto.subtle.importKey("raw", key, form, false, ["verify"]);
      return await crypto.subtle.verify(form, imported, signature, data);
    } catch {
      return false;
    }
  }

  function canCheck() {
    ability ??= edVerified(bytes(KNOWN.key), bytes(KNOWN.signature), new Uint8Array(0));
    return ability;
  }

  const validAt = (key, micros) =>
    key.from.micros <= micros && (key.until === null || micros < key.until.micros);

  class Keys {
    constructor(saved) {
      this.trusted = saved !== null;
      this.saved = new Map((saved ?? []).map((key) => [`${key.name} ${key.id}`, key]));
      this.known = new Map(this.saved);
    }

    of(name, id) {
      return this.known.get(`${name} ${id}`);
    }

    async add(origin, key, check) {
      const place = `${key.name} ${key.id}`;
      const mark = Object.hasOwn(MARKS, key.algorithm) && key.algorithm !== "witness" && MARKS[key.algorithm];
      if (!mark || key.name !== origin || key.id !== idOf(key.name, mark, key.public)) {
        throw new Tampered("key");
      }
      const signer = key.signer === null ? undefined : this.of(key.name, key.signer);
      const crossed = !signer || (key.cross !== null && (await this.crosses(signer, key, check)));
      if ((key.signer === null) !== (key.cross === null) || !crossed) {
        throw new Tampered("key");
      }
      const saved = this.saved.get(place);
      const known = saved ? isSame(saved, key) : signer || (!this.trusted && key.signer === null);
      if (!known) {
        throw new Tampered("key");
      }
      this.known.set(place, key);
    }

    crosses(signer, key, check) {
      const until = signer.until?.micros ?? key.from.micros;
      if (signer.from.micros > key.from.micros || key.from.micros > until) {
        return false;
      }
      if (signer.algorithm !== "ed25519") {
        return signer.algorithm === key.algorithm; // what cannot be checked here lets nothing pass
      }
      const since = key.from.written.replace(/(\.000000)?Z$/, "+00:00");
      const said = [key.name, key.algorithm, btoa(String.fromCharCode(...key.public)), since];
      return check(signer.public, key.cross, ascii(["authserver trail key", ...said, ""].join("\n")));
    }
  }

  function isSame(saved, key) {
    return (
      saved.algorithm === key.algorithm &&
      same(saved.public, key.public) &&
      saved.from.written === key.from.written &&
      (saved.until === null || saved.until.written === key.until?.written)
    );
  }

  // --- Verification ---

  class Verification {
    constructor({ keys, anchors, witnesses }) {
      this.keys = new Keys(keys);
      this.anchors = anchors;
      this.witnesses = witnesses;
      this.rank = -1;
      this.counts = {};
      this.notes = new Map();
      this.numbers = [];
      this.proved = 0;
      this.heads = [];
      this.nextHead = 0;
      this.size = 0;
      this.subtrees = [];
      this.chain = new Uint8Array(32);
      this.cosigners = new Set();
      this.missing = new Set();
      this.compared = new Set();
      this.verdict = {
        status: "verified", reasons: [], at: null, until: null, tenant: null, origin: null, first: null,
        last: null, events: 0, tombstones: 0, checkpoint: null, time: null, keys: [], anchors: 0,
        witnesses: [], notes: [], unchecked: [],
      };
    }

    get done() {
      return this.verdict.events + this.verdict.tombstones;
    }

    get total() {
      return this.verdict.last === null ? 0 : this.verdict.last - this.verdict.first + 1;
    }

    here() {
      const ready =
        this.heads.length > 0 &&
        this.proved === this.numbers.length - 1 &&
        (this.verdict.first === 1 || this.counts.start > 0);
      const reading = this.rank === EVENT || (this.rank < EVENT && ready);
      return reading && this.size < this.verdict.last ? this.size + 1 : null;
    }

    malformed() {
      return new Tampered("malformed", this.here());
    }

    // Returns a promise only where there is something to wait for: events need none.
    take(data) {
      let line;
      try {
        line = readLine(data);
      } catch (error) {
        throw error instanceof Unreadable ? this.malformed() : error;
      }
      const { kind, said } = line;
      const rank = KINDS.indexOf(kind === "tombstone" ? "event" : kind);
      const count = this.counts[kind] ?? 0;
      if (rank < this.rank || (this.rank < 0 && rank !== BUNDLE) || (ONCE.has(kind) && count)) {
        throw this.malformed();
      }
      if (count >= (MOST[kind] ?? Infinity)) {
        throw this.malformed();
      }
      if (rank > CHECKPOINT && this.rank <= CHECKPOINT) {
        return this.compareAnchors().then(() => this.enter(kind, rank, said));
      }
      return this.enter(kind, rank, said);
    }

    enter(kind, rank, said) {
      if (rank >= START && this.rank < START && this.proved < this.numbers.length - 1) {
        throw this.malformed();
      }
      if (rank >= EVENT && this.rank < EVENT && this.verdict.first > 1 !== this.counts.start > 0) {
        throw this.malformed();
      }
      this.rank = rank;
      this.counts[kind] = (this.counts[kind] ?? 0) + 1;
      return this[kind](said);
    }

    bundle({ version, tenant, origin, first, last }) {
      if (version !== 1 || first < 1 || last < first - 1) {
        throw new Tampered("malformed");
      }
      Object.assign(this.verdict, { tenant, origin, first, last });
      this.tenant = packed(ascii(tenant));
      this.leafStart = joined(Uint8Array.of(0), ascii("auditv1"), this.tenant);
      this.size = first - 1;
      this.fits = first - 1;
    }

    async key(key) {
      await this.keys.add(this.verdict.origin, key, (...asked) => this.signed(...asked));
      this.verdict.keys.push(key.id);
    }

    async signed(key, signature, data) {
      if (await canCheck()) {
        return edVerified(key, signature, data);
      }
      this.missing.add("no_ed25519");
      return true;
    }

    async checkpoint({ number, note: whole, proof }) {
      let note;
      try {
        note = readNote(whole);
      } catch (error) {
        throw error instanceof Unreadable ? new Tampered("note") : error;
      }
      const newest = this.notes.get(this.numbers.at(-1));
      if (newest && note.number <= newest.number) {
        throw new Tampered("malformed");
      }
      const falls = newest && note.time.micros < newest.time.micros;
      if (note.origin !== this.verdict.origin || note.number !== number || falls) {
        throw new Tampered("note");
      }
      if (!(await this.countsFor(note))) {
        throw new Tampered("signature");
      }
      this.cosigners = await this.cosignersOf(note);
      const numbers = joined(uint64(note.number), uint64(note.time.micros), uint64(note.heads));
      const leaf = sha256(joined(Uint8Array.of(0), ascii("checkpointv1"), numbers, note.headsRoot));
      const root = rootByProof(leaf, note.number - 1, note.number, proof);
      if (!root || !same(root, note.root)) {
        throw new Tampered("log");
      }
      this.notes.set(note.number, note);
      this.numbers.push(note.number);
      Object.assign(this.verdict, { checkpoint: note.number, time: note.time.written });
    }

    async countsFor(note) {
      let good = false;
      for (const { name, id, signature } of note.signatures.filter((one) => one.name === note.origin)) {
        const key = this.keys.of(name, id);
        if (!key || !validAt(key, note.time.micros)) {
          return false;
        }
        if (key.algorithm === "ed25519") {
          if (!(await this.signed(key.public, signature, ascii(note.text)))) {
            return false;
          }
          good = true;
        } else if (!this.verdict.unchecked.includes(key.algorithm)) {
          this.verdict.unchecked.push(key.algorithm);
        }
      }
      return good;
    }

    async cosignersOf(note) {
      const found = new Set();
      for (const { name, id, signature } of note.signatures) {
        const key = this.witnesses.get(`${name} ${id}`);
        if (!key) {
          continue;
        }
        const stamp = signature.slice(0, 8);
        const seconds = stamp.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
        const said = ascii(`cosignature/v1\ntime ${seconds}\n${note.text}`);
        if (!(await this.signed(key, signature.subarray(8), said))) {
          throw new Tampered("cosignature");
        }
        found.add(`${name} ${id}`);
      }
      return found;
    }

    async compareAnchors() {
      const seen = new Map();
      const newest = this.numbers.at(-1) ?? 0;
      for (const anchor of this.anchors) {
        if (anchor.origin !== this.verdict.origin || !(await this.countsFor(anchor))) {
          this.missing.add("anchor_unknown");
          continue;
        }
        const ours = this.notes.get(anchor.number);
        const earlier = seen.get(anchor.number) ?? anchor;
        seen.set(anchor.number, earlier);
        for (const other of [earlier, ours ?? anchor]) {
          if (other.text !== anchor.text) {
            throw new Tampered("fork", null, null, [other.whole, anchor.whole]);
          }
        }
        if (ours) {
          this.verdict.anchors += 1;
          this.compared.add(anchor.number);
        } else {
          this.missing.add(anchor.number > newest ? "anchor_newer" : "anchor_absent");
        }
      }
    }

    head(head) {
      const note = this.notes.get(head.checkpoint);
      const before = this.heads.at(-1) ?? { checkpoint: 0, size: 1 };
      const least = Math.max(before.size, this.verdict.first - 1);
      if (!note || note.number <= before.checkpoint || head.size < least) {
        throw this.malformed();
      }
      if (head.size > this.verdict.last) {
        throw new Tampered("cut", this.verdict.last + 1);
      }
      const start = joined(Uint8Array.of(0), ascii("headv1"), this.tenant);
      const leaf = sha256(joined(start, uint64(head.size), head.root, head.chain));
      const root = rootByProof(leaf, head.index, note.heads, head.proof);
      if (!root || !same(root, note.headsRoot)) {
        throw new Tampered("head");
      }
      this.heads.push(head);
    }

    consistency({ from, to, proof }) {
      const [old, next] = this.numbers.slice(this.proved, this.proved + 2);
      if (next === undefined || old !== from || next !== to) {
        throw this.malformed();
      }
      const roots = rootsByProof(from, this.notes.get(from).root, to, proof);
      const [oldRoot, newRoot] = roots ?? [];
      if (!roots || !same(oldRoot, this.notes.get(from).root) || !same(newRoot, this.notes.get(to).root)) {
        throw new Tampered("consistency");
      }
      this.proved += 1;
    }

    start({ chain, frontier }) {
      const ones = (this.verdict.first - 1).toString(2).replaceAll("0", "").length;
      if (this.verdict.first === 1 || frontier.length !== ones) {
        throw this.malformed();
      }
      this.subtrees = frontier;
      this.chain = chain;
      if (!this.headsFit()) {
        throw new Tampered("start");
      }
    }

    event({ seq, body, chain }) {
      this.grow(seq, sha256(joined(this.leafStart, packed(ascii(body)))), chain);
      this.verdict.events += 1;
    }

    tombstone({ seq, leaf, chain }) {
      this.grow(seq, leaf, chain);
      this.verdict.tombstones += 1;
    }

    grow(seq, leaf, chain) {
      const next = this.size + 1;
      if (seq !== next || next > this.verdict.last) {
        throw new Tampered("number", next);
      }
      this.size = next;
      this.chain = sha256(joined(Uint8Array.of(2), this.chain, uint64(next), leaf));
      this.subtrees.push(leaf);
      for (let rest = next; rest % 2 === 0; rest /= 2) {
        const right = this.subtrees.pop();
        this.subtrees.push(node(this.subtrees.pop(), right));
      }
      if (!same(chain, this.chain)) {
        throw new Tampered("chain", next);
      }
      if (!this.headsFit()) {
        throw new Tampered("root", this.fits + 1, next);
      }
    }

    headsFit() {
      for (; this.heads[this.nextHead]?.size === this.size; this.nextHead += 1) {
        const { root, chain } = this.heads[this.nextHead];
        if (!same(chain, this.chain) || !same(root, rootOf(this.subtrees))) {
          return false;
        }
        this.fits = this.size;
      }
      return true;
    }

    end({ events, tombstones }) {
      if (this.size !== this.verdict.last) {
        throw new Tampered("number", this.size + 1);
      }
      if (events !== this.verdict.events || tombstones !== this.verdict.tombstones) {
        throw new Tampered("count");
      }
    }

    judged() {
      if (this.rank !== END) {
        return this.told("incomplete", ["cut_short"]);
      }
      if (this.heads.at(-1)?.size !== this.verdict.last) {
        this.missing.add("uncovered");
      }
      if (!this.keys.trusted) {
        this.missing.add("keys_untrusted");
      }
      const held = new Set(this.heads.map((head) => head.checkpoint));
      if ([...this.compared].some((number) => !held.has(number))) {
        this.missing.add("anchor_headless");
      }
      if ([...this.witnesses.keys()].some((witness) => !this.cosigners.has(witness))) {
        this.missing.add("cosignature_missing");
      }
      const reasons = INCOMPLETE.filter((code) => this.missing.has(code));
      return this.told(reasons.length ? "incomplete" : "verified", reasons);
    }

    told(status, reasons) {
      const witnesses = Array.from(this.cosigners, (one) => one.split(" ")[0]).sort();
      return Object.assign(this.verdict, { status, reasons, witnesses });
    }
  }

  // --- Files ---

  // Gives the lines that each piece ends, together: a wait for each line would cost more than the line.
  async function* linesOf(pieces) {
    let rest = [];
    let length = 0;
    for await (const piece of unpacked(pieces)) {
      const whole = [];
      let from = 0;
      for (let at = piece.indexOf(10); at >= 0 && length + at - from <= MAX_LINE; at = piece.indexOf(10, from)) {
        const part = piece.subarray(from, at);
        whole.push(rest.length ? joined(...rest, part) : part);
        rest = [];
        length = 0;
        from = at + 1;
      }
      rest.push(piece.slice(from));
      length += piece.length - from;
      yield whole;
      if (length > MAX_LINE) {
        throw new Unreadable();
      }
    }
  }

  async function* unpacked(pieces) {
    const iterator = pieces[Symbol.asyncIterator]?.() ?? pieces[Symbol.iterator]();
    const start = [];
    let length = 0;
    while (length < 2) {
      const { done, value } = await iterator.next();
      if (done) {
        break;
      }
      start.push(value);
      length += value.length;
    }
    const first = joined(...start);
    const all = (async function* following() {
      yield first;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        yield next.value;
      }
    })();
    yield* first[0] === 0x1f && first[1] === 0x8b ? inflated(all) : all;
  }

  async function* inflated(pieces) {
    const packer = new DecompressionStream("gzip");
    const writer = packer.writable.getWriter();
    const reader = packer.readable.getReader();
    let closing = false;
    const writing = (async () => {
      for await (const piece of pieces) {
        await writer.write(piece);
      }
      closing = true;
      await writer.close();
    })().catch(() => {}); // whoever reads hears of it
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        yield next.value;
      }
      await writing;
    } catch (error) {
      // What ends too early is incomplete, what is damaged was tampered with.
      throw isCutShort(error, closing) ? new CutShort() : new Tampered("compression");
    }
  }

  function isCutShort(error, closing) {
    const code = error.code ?? error.cause?.code;
    return code ? code === "Z_BUF_ERROR" : closing;
  }

  // A key as /.well-known/audit-keys has it.
  function savedKey(key) {
    need(isDocument(key) && (key.algorithm === "ed25519" || key.algorithm === "ml-dsa-65"));
    return {
      name: text(key.name),
      id: keyId(key.key_id),
      algorithm: key.algorithm,
      public: bytes(key.public_key),
      from: publishedTime(key.valid_from),
      until: orNull(publishedTime)(key.valid_until),
    };
  }

  function publishedTime(value) {
    const parts = /^([^.+]{19})(\.\d{6})?\+00:00$/.exec(text(value));
    need(parts);
    return time(`${parts[1]}${parts[2] ?? ".000000"}Z`);
  }

  function readKeys(document) {
    need(isDocument(document) && Array.isArray(document.keys));
    return document.keys.map(savedKey);
  }

  function readWitness(line) {
    const [name, id, ...rest] = line.split("+");
    const key = bytes(rest.join("+"));
    need(key.length === 33 && key[0] === 4 && id === idOf(name, MARKS.witness, key.subarray(1)));
    return [`${name} ${id}`, key.subarray(1)];
  }

  function readTrust({ keys = null, anchors = [], witnesses = [] }) {
    try {
      return {
        keys: keys === null ? null : readKeys(keys),
        anchors: anchors.map(readNote),
        witnesses: new Map(witnesses.map(readWitness)),
      };
    } catch {
      throw new Unusable("what was given for comparison cannot be read");
    }
  }

  // Returns the verdict on a bundle that comes in pieces of bytes. `given` has the document of saved
  // keys, anchors (notes) and witnesses (name+id+key); `progress` hears (events read, all).
  async function verify(pieces, given = {}, progress = () => {}) {
    let verification;
    try {
      verification = new Verification(readTrust(given));
    } catch (error) {
      if (error instanceof Unusable) {
        return { status: "usage", reasons: [], at: null, until: null };
      }
      throw error;
    }
    try {
      let heard = 0;
      for await (const lines of linesOf(pieces)) {
        for (const line of lines) {
          const waiting = verification.take(line);
          if (waiting) {
            await waiting;
          }
        }
        if (verification.done >= heard + PROGRESS_EVERY) {
          heard = verification.done;
          progress(heard, verification.total);
        }
      }
      return verification.judged();
    } catch (error) {
      if (error instanceof CutShort) {
        return verification.told("incomplete", ["cut_short"]);
      }
      const tampered = error instanceof Unreadable ? verification.malformed() : error;
      if (!(tampered instanceof Tampered)) {
        throw error;
      }
      const { reason, at, until, notes } = tampered;
      return Object.assign(verification.verdict, { status: "tampered", reasons: [reason], at, until, notes });
    }
  }

  // --- In a Worker: the parts are fetched one by one, the next while the last is verified ---

  class Refused extends Error {} // the server gave no part: no verdict on the trail

  async function fetched(url, headers) {
    for (;;) {
      const answer = await fetch(url, { headers, credentials: "same-origin", cache: "no-store" });
      if (answer.ok) {
        return answer.json();
      }
      if (answer.status !== 429 && answer.status !== 503) {
        throw new Refused(String(answer.status));
      }
      const seconds = Number(answer.headers.get("Retry-After")) || 1;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }

  // Gives the text of a bundle; `heard` gets the note of its newest checkpoint.
  async function* partsOf({ url, headers, query }, heard) {
    const at = (more) => fetched(`${url}?${new URLSearchParams(more)}`, headers);
    let coming = at(query);
    for (let begun = false; coming; begun = true) {
      const part = await coming;
      coming = part.next_cursor && at({ cursor: part.next_cursor });
      coming?.catch(() => {}); // whoever waits for it hears of it
      if (!begun) {
        heard(part.text);
      }
      yield ascii(part.text);
    }
  }

  function newestNote(text) {
    const lines = text.split("\n").filter((line) => line.startsWith('{"kind":"checkpoint"'));
    return lines.length ? JSON.parse(lines.at(-1)).note : null;
  }

  async function verifyFetched({ source, given }) {
    let note = null;
    try {
      const keys = given.keys ?? (await fetched(source.keys, {}));
      const parts = partsOf(source, (text) => {
        note = newestNote(text);
      });
      const tell = (done, total) => self.postMessage({ done, total });
      const verdict = await verify(parts, { ...given, keys }, tell);
      self.postMessage({ verdict, note, keys });
    } catch (error) {
      self.postMessage({ failed: error instanceof Refused ? error.message : String(error) });
    }
  }

  if (typeof module !== "undefined") {
    module.exports = { verify };
  } else {
    self.TrailVerifier = { verify };
    if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
      self.addEventListener("message", (event) => verifyFetched(event.data));
    }
  }
})();
