// The rows of a log that are shown: a window of a file of any length. Whatever
// comes from a job is put in as text; the names of styles come from the server,
// out of a fixed list.
const most = 2000; // rows in the page; those farthest from the reader go

export class Rows {
  constructor(box, words) {
    this.box = box;
    this.words = words;
    this.clear();
  }

  clear() {
    this.at = new Map(); // element by the offset at which its row began
    this.pending = new Map();
    this.box.replaceChildren();
    this.first = 0; // where the first row begins
    this.gap = 0; // so many bytes before it were not kept
    this.last = 0; // where what comes next begins
    this.whole = false; // the end of the log is shown
  }

  element(row) {
    const e = document.createElement("div");
    e.className = "row";
    e.dataset.at = row.at;
    this.fill(e, row);
    return e;
  }

  fill(e, row) {
    e.replaceChildren(...row.s.map(([style, text]) => {
      if (!style) return document.createTextNode(text);
      const span = document.createElement("span");
      span.className = style;
      span.textContent = text;
      return span;
    }));
    if (row.cut) {
      const span = document.createElement("span");
      span.className = "ctl";
      span.textContent = "…";
      e.append(span);
    }
  }

  note(word, bytes) {
    const e = document.createElement("div");
    e.className = "row gap";
    e.textContent = this.words[word].replace("{size}", size(bytes));
    return e;
  }

  // show replaces everything by a piece.
  show(piece) {
    this.clear();
    this.first = piece.from;
    this.gap = piece.gap || 0;
    this.last = piece.to || 0;
    this.whole = piece.to >= piece.size;
    this.append(piece.rows);
  }

  append(rows) {
    const list = document.createDocumentFragment();
    for (const row of rows) {
      const old = this.at.get(row.at);
      if (old) {
        this.fill(old, row);
        continue;
      }
      const e = this.element(row);
      this.at.set(row.at, e);
      list.append(e);
    }
    this.box.append(list);
    this.mark();
  }

  // below puts what comes after what is shown.
  below(piece) {
    if (piece.gap) this.box.append(this.note("gap", piece.gap));
    this.append(piece.rows);
    this.last = piece.to;
    this.whole = piece.to >= piece.size;
    this.cutAbove();
  }

  // above puts what comes before it.
  above(piece) {
    const list = document.createDocumentFragment();
    for (const row of piece.rows) {
      if (this.at.has(row.at)) continue;
      const e = this.element(row);
      this.at.set(row.at, e);
      list.append(e);
    }
    if (this.top) this.top.remove();
    if (this.gap) list.append(this.note("gap", this.gap));
    this.box.prepend(list);
    this.first = piece.from;
    this.gap = piece.gap;
    this.mark();
    while (this.box.childElementCount > most) {
      const e = this.box.lastElementChild;
      if (e.dataset.at) {
        this.at.delete(Number(e.dataset.at));
        this.last = Number(e.dataset.at);
      }
      e.remove();
      this.whole = false;
    }
  }

  cutAbove() {
    if (this.box.childElementCount <= most) return;
    while (this.box.childElementCount > most) {
      const e = this.box.firstElementChild;
      if (e.dataset.at) this.at.delete(Number(e.dataset.at));
      e.remove();
    }
    const e = this.box.querySelector("[data-at]");
    this.first = e ? Number(e.dataset.at) : this.last;
    this.gap = 0;
    this.mark();
  }

  // mark says above the first row that what was before it is not kept.
  mark() {
    if (this.top) this.top.remove();
    this.top = null;
    if (!this.gap) return;
    this.top = this.note("gap", this.gap);
    this.box.prepend(this.top);
  }

  // feed takes what a followed log sends; it is drawn with the next frame, however
  // often it comes.
  feed(piece) {
    if (piece.reset) {
      this.pending.clear();
      this.reset = { from: piece.from, gap: piece.gap, to: piece.size, size: piece.size, rows: [] };
    }
    for (const [word, bytes] of [["gap", piece.lost], ["passed", piece.passed]]) {
      if (bytes) this.pending.set("note" + (piece.rows.length ? piece.rows[0].at : 0), { word, bytes });
    }
    for (const row of piece.rows) {
      this.pending.delete(row.at); // the newest, in its place
      this.pending.set(row.at, row);
    }
    this.last = piece.size;
  }

  // drawn puts what has come into the page, and tells whether something has.
  drawn() {
    if (!this.reset && !this.pending.size) return false;
    const pending = [...this.pending.values()].slice(-most);
    if (this.reset) this.show(this.reset);
    this.reset = null;
    this.pending = new Map();
    const list = document.createDocumentFragment();
    for (const row of pending) {
      if (row.word) {
        list.append(this.note(row.word, row.bytes));
        continue;
      }
      const old = this.at.get(row.at);
      if (old) {
        this.fill(old, row);
        continue;
      }
      const e = this.element(row);
      this.at.set(row.at, e);
      list.append(e);
    }
    this.box.append(list);
    this.whole = true;
    this.cutAbove();
    return true;
  }
}

export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let i = 0;
  while (bytes >= 1024 && i < units.length - 1) {
    bytes /= 1024;
    i++;
  }
  return `${i && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[i]}`;
}
