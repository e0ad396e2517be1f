// What is known here of a tab: rows in blocks, loaded when they are looked at and
// again when the sheet has another revision; and what was typed and is not
// answered yet. Rows and columns are counted from 1.
const block = 200, together = 4;

export class Rows {
  constructor(tab, changed) {
    this.tab = tab;
    this.changed = changed; // called when something else is to be seen
    this.revision = "";
    this.info = null;
    this.blocks = new Map();
    this.loading = new Map();
    this.held = new Set(); // [first, last] block that is in use
    this.typed = new Map(); // "row,column" → text
    this.last = Promise.resolve();
  }

  known(row) {
    return this.blocks.get(Math.floor((row - 1) / block))?.rows.length > (row - 1) % block;
  }

  // value is what a cell holds: a text, or an object for what is no plain text.
  value(row, column) {
    const typed = this.typed.get(`${row},${column}`);
    if (typed !== undefined) return typed;
    return this.blocks.get(Math.floor((row - 1) / block))?.rows[(row - 1) % block]?.[column - 1] ?? "";
  }

  text(row, column) {
    const value = this.value(row, column);
    return typeof value === "string" ? value : value.text;
  }

  waits(row, column) { return this.typed.has(`${row},${column}`); }

  // texts are all of a row, up to its last.
  texts(row) {
    const stored = this.blocks.get(Math.floor((row - 1) / block))?.rows[(row - 1) % block] ?? [];
    return stored.map((_, i) => this.text(row, i + 1));
  }

  // anchor is the first text of a row, but for those of some columns: it tells the
  // row from others.
  anchor(row, from = 0, to = 0) {
    if (row < 1 || !this.known(row)) return null;
    const width = this.blocks.get(Math.floor((row - 1) / block)).rows[(row - 1) % block].length;
    for (let column = 1; column <= width; column++) {
      if (column >= from && column <= to) continue;
      const text = this.text(row, column);
      if (text !== "" && !this.waits(row, column)) return { row, column, text };
    }
    return null;
  }

  // find is the row where an anchor stands, among those that are known: near the
  // place where it was, and 0 for none or several.
  find(anchor) {
    let found = 0;
    for (const [index, { rows }] of this.blocks) {
      for (let i = 0; i < rows.length; i++) {
        if (this.text(index * block + i + 1, anchor.column) !== anchor.text) continue;
        if (found) return 0;
        found = index * block + i + 1;
      }
    }
    return found;
  }

  // heard takes note of a revision of the sheet, and tells whether it is a newer
  // one. Answers may overtake each other.
  heard(revision) {
    const [epoch, count] = revision.split("."), [known, counted] = this.revision.split(".");
    if (epoch === known && Number(count) <= Number(counted)) return false;
    this.revision = revision;
    return true;
  }

  fresh(index) {
    return this.revision !== "" && this.blocks.get(index)?.revision === this.revision;
  }

  // want loads what of some rows is not known, or not of now.
  async want(from, to) {
    const first = Math.floor((Math.max(from, 1) - 1) / block), last = Math.floor((Math.max(to, 1) - 1) / block);
    const all = [];
    for (let index = first; index <= last; index++) if (!this.fresh(index)) all.push(index);
    for (const index of this.blocks.keys()) {
      if ((index < first - 5 || index > last + 5) && ![...this.held].some(([from, to]) => index >= from && index <= to)) this.blocks.delete(index);
    }
    for (let i = 0; i < all.length; i += together) await Promise.all(all.slice(i, i + together).map((index) => this.load(index)));
  }

  // hold keeps rows that are loaded until what it returns is called.
  hold(from, to) {
    const range = [Math.floor((from - 1) / block), Math.floor((to - 1) / block)];
    this.held.add(range);
    return () => this.held.delete(range);
  }

  load(index) {
    if (!this.loading.has(index)) {
      this.loading.set(index, this.fetch(index).finally(() => this.loading.delete(index)));
    }
    return this.loading.get(index);
  }

  async fetch(index) {
    const rows = [];
    const first = index * block + 1;
    let page;
    do {
      const query = new URLSearchParams({ tab: this.tab, from: first + rows.length, to: first + block - 1 });
      const answer = await ask(`/sheet/rows?${query}`);
      if (page && page.revision !== answer.page.revision) rows.length = 0; // two moments: once more
      else rows.push(...answer.page.rows);
      page = answer.page;
    } while (rows.length < block && first + rows.length <= page.tabs.find((t) => t.id === page.tab).rows);
    this.info = page.tabs.find((t) => t.id === page.tab);
    this.header = page.header;
    this.heard(page.revision);
    this.blocks.set(index, { rows, revision: page.revision });
    this.changed();
  }

  // send makes a batch when all before it are answered, and loads the rows anew
  // that are shown. What it says: {outcome}, or {error}, and {lost} where nobody
  // has answered.
  send(batch, shown) {
    const sent = this.last.then(async () => {
      try {
        const answer = await ask("/sheet/edit", { tab: this.tab, ...batch });
        if (answer.outcome.revision) this.heard(answer.outcome.revision);
        else this.revision = ""; // something here is not of now
        // Twice: what was being loaded may be of before.
        for (let i = 0; i < 2; i++) await this.want(...shown()).catch(() => {}); // the next news tries again
        return answer;
      } catch (problem) {
        return problem.answer ?? { error: "", lost: true };
      }
    });
    this.last = sent;
    return sent;
  }
}

// ask throws what was answered where it is an error. Whoever asks too often is
// told when to ask again.
async function ask(address, body, tries = 5) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const response = await fetch(address, options);
  if (response.status === 429 && tries > 0) {
    await new Promise((done) => setTimeout(done, 1000 * (Number(response.headers.get("Retry-After")) || 1)));
    return ask(address, body, tries - 1);
  }
  if (response.redirected || !response.headers.get("Content-Type")?.startsWith("application/json")) throw new Error(response.statusText);
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { answer });
  return answer;
}
