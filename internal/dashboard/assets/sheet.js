// The grid of /sheet. What is typed goes to the daemon with the text that was seen
// in the cell; where another one stands there by then nothing is written, and
// what was typed stays here until somebody decides.
//
// A textarea has the focus all the time and lies over the selected cell, so that
// an input method can begin to compose in it; it is seen once something is typed.
import { Rows } from "./sheet-rows.js";
import { parse, format, letters } from "./sheet-block.js";

const part = (id) => document.getElementById(`sheet-${id}`);
const sheet = document.getElementById("sheet");

function start() {
  const words = sheet.dataset;
  const scroll = part("scroll"), grid = part("cells"), editor = part("editor"), clash = part("clash");
  const line = 44, head = 34, side = 56; // pixels: a row, the head, the numbers of rows
  const most = 100000; // cells in one step
  const rows = new Rows(Number(words.tab), () => refreshed());
  const drawn = new Map(); // row → element
  const widths = new Map(), chosen = new Map(JSON.parse(localStorage.getItem("sheet-widths") || "[]"));
  const undone = [], redone = [];
  let at = { row: 1, column: 1 }, from = at, anchor = null; // the selected cell, where the selection began, what tells the row
  let entered = false; // by a key, and its keyup is still to come
  let edit = null; // {row, column, old, seen, fresh}: what is being typed
  let conflict = null; // what the box over the grid is about: {typing}, or {row, column, old, mine, seen}
  const waiting = []; // further ones
  let leaving = false, busy = 0, frame = 0, marked = Number(words.row);

  // ---- what there is to see

  const height = () => Math.min(rows.info.rows, Math.max(rows.info.used_rows + 50, at.row));
  const width = () => Math.min(rows.info.columns, Math.max(rows.info.used_columns + 2, 6, at.column));
  const block = () => ({
    top: Math.min(at.row, from.row), bottom: Math.max(at.row, from.row), left: Math.min(at.column, from.column), right: Math.max(at.column, from.column),
  });
  const shown = () => {
    const first = Math.floor(scroll.scrollTop / line);
    return [Math.max(1, first - 4), Math.min(rows.info ? height() : 200, first + Math.ceil(scroll.clientHeight / line) + 5)];
  };

  function widthOf(column) {
    if (chosen.has(column)) return chosen.get(column);
    if (!widths.has(column)) {
      let longest = 6;
      for (let row = 1; row <= Math.min(60, rows.info.used_rows); row++) {
        for (const text of rows.text(row, column).split("\n", 3)) longest = Math.max(longest, [...text.slice(0, 80)].reduce((n, c) => n + (c > "\u2e7f" ? 2 : 1), 0));
      }
      widths.set(column, Math.min(Math.max(longest * 7.6 + 26, 84), scroll.clientWidth < 560 ? 220 : 340));
    }
    return widths.get(column);
  }
  const left = (column) => { let x = side; for (let c = 1; c < column; c++) x += widthOf(c); return x; };

  function make(role, ...classes) {
    const e = document.createElement("div");
    e.setAttribute("role", role);
    e.className = classes.join(" ");
    return e;
  }

  function draw() {
    frame = 0;
    if (!rows.info) return;
    const columns = width(), [first, last] = shown();
    grid.style.setProperty("--columns", `${side}px ${Array.from({ length: columns }, (_, i) => `${widthOf(i + 1)}px`).join(" ")}`);
    grid.style.height = `${head + height() * line}px`;
    grid.style.width = `${left(columns + 1)}px`;
    grid.setAttribute("aria-rowcount", height() + 1);
    grid.setAttribute("aria-colcount", columns + 1);
    drawHead(columns);
    for (const [row, e] of drawn) if (row < first || row > last) { e.remove(); drawn.delete(row); }
    for (let row = first; row <= last; row++) drawRow(row, columns);
    place();
    rows.want(first, last).catch(() => {}); // the next news tries again
  }
  const later = () => { frame ||= requestAnimationFrame(draw); };

  function drawHead(columns) {
    let e = grid.firstElementChild;
    if (!e) {
      e = make("row", "sheet-head");
      e.setAttribute("aria-rowindex", 1);
      grid.append(e);
    }
    const titled = rows.info.frozen > 0 && scroll.scrollTop > line / 2;
    while (e.children.length > columns + 1) e.lastChild.remove();
    while (e.children.length < columns + 1) {
      const c = make("columnheader");
      c.setAttribute("aria-colindex", e.children.length + 1);
      if (e.children.length) c.append(document.createElement("b"), document.createElement("span"), Object.assign(document.createElement("i"), { className: "sheet-grip" }));
      else c.textContent = "#";
      e.append(c);
    }
    const picked = block();
    for (let column = 1; column <= columns; column++) {
      const c = e.children[column];
      set(c.children[0], letters(column));
      set(c.children[1], titled ? rows.header?.[column - 1] ?? "" : "");
      c.classList.toggle("in", column >= picked.left && column <= picked.right);
    }
  }

  function set(e, text) { if (e.textContent !== text) e.textContent = text; }

  function drawRow(row, columns) {
    let e = drawn.get(row);
    if (!e) {
      e = make("row", "sheet-row");
      e.setAttribute("aria-rowindex", row + 1);
      e.style.top = `${head + (row - 1) * line}px`;
      const number = make("rowheader");
      number.textContent = row;
      number.setAttribute("aria-colindex", 1);
      e.append(number);
      drawn.set(row, e);
      const next = [...grid.children].find((other) => Number(other.getAttribute("aria-rowindex")) > row + 1);
      grid.insertBefore(e, next ?? null);
    }
    while (e.children.length > columns + 1) e.lastChild.remove();
    while (e.children.length < columns + 1) {
      const c = make("gridcell");
      c.id = `cell-${row}-${e.children.length}`;
      c.setAttribute("aria-colindex", e.children.length + 1);
      e.append(c);
    }
    const picked = block(), known = rows.known(row), many = picked.top !== picked.bottom || picked.left !== picked.right;
    e.classList.toggle("frozen", row <= rows.info.frozen);
    e.classList.toggle("marked", row === marked);
    e.classList.toggle("unknown", !known);
    e.firstChild.classList.toggle("in", row >= picked.top && row <= picked.bottom);
    for (let column = 1; column <= columns; column++) {
      const c = e.children[column], value = rows.value(row, column);
      set(c, known ? (typeof value === "string" ? value : value.text).slice(0, 400) : "…");
      const inside = row >= picked.top && row <= picked.bottom && column >= picked.left && column <= picked.right;
      const classes = [row === at.row && column === at.column && "at", inside && many && "in", typeof value !== "string" && "other", rows.waits(row, column) && "waits"].filter(Boolean).join(" ");
      if (c.className !== classes) c.className = classes;
      c.setAttribute("aria-selected", inside);
    }
  }

  // place lays the editor over the selected cell and says what that holds.
  function place() {
    const where = edit ?? at;
    editor.style.left = `${left(where.column)}px`;
    editor.style.top = `${head + (where.row - 1) * line}px`;
    editor.style.width = `${Math.max(widthOf(where.column), edit ? Math.min(240, scroll.clientWidth - side) : 0) + 1}px`;
    editor.style.height = `${line}px`;
    if (edit) editor.style.height = `${Math.max(line + 1, Math.min(editor.scrollHeight + 4, scroll.clientHeight - head - 8))}px`;
    editor.classList.toggle("on", Boolean(edit));
    const name = letters(at.column) + at.row, title = rows.header?.[at.column - 1] ?? "";
    const value = rows.value(at.row, at.column), text = typeof value === "string" ? value : value.text;
    editor.setAttribute("aria-label", `${name} ${title}`.trim());
    if (!edit && drawn.has(at.row)) editor.setAttribute("aria-activedescendant", `cell-${at.row}-${at.column}`);
    else editor.removeAttribute("aria-activedescendant");
    const many = block();
    set(part("where"), many.top === many.bottom && many.left === many.right ? name : `${letters(many.left)}${many.top}:${letters(many.right)}${many.bottom}`);
    set(part("column"), typeof value === "string" ? title : `${title} (${value.note || words.number})`);
    set(part("full"), text || (rows.known(at.row) ? words.empty : "…"));
    part("full").classList.toggle("dim", !text);
    const ticket = rows.text(at.row, 1), link = part("ticket");
    link.hidden = !/^[^\s/]+-\d+$/u.test(ticket);
    if (!link.hidden) link.setAttribute("href", `/tracker/${encodeURIComponent(ticket)}`);
    for (const button of sheet.querySelectorAll("[data-do]")) {
      const what = button.dataset.do;
      if (what === "undo") button.disabled = !undone.length;
      if (what === "redo") button.disabled = !redone.length;
      if (what === "edit") button.hidden = Boolean(edit);
      if (what === "done" || what === "cancel") button.hidden = !edit;
    }
  }

  function say(text, bad) {
    set(part("said"), text);
    part("said").classList.toggle("bad", Boolean(bad));
  }

  // ---- moving about

  function select(row, column, extend) {
    at = { row: Math.min(Math.max(row, 1), height()), column: Math.min(Math.max(column, 1), width()) };
    if (!extend) from = at;
    anchor = rows.anchor(at.row);
    leaving = false;
    reveal();
    later();
  }

  function reveal() {
    const y = (at.row - 1) * line, x = left(at.column), w = widthOf(at.column);
    if (y < scroll.scrollTop) scroll.scrollTop = y;
    else if (y + line > scroll.scrollTop + scroll.clientHeight - head) scroll.scrollTop = y + line - scroll.clientHeight + head + 1;
    if (x - side < scroll.scrollLeft) scroll.scrollLeft = x - side;
    else if (x + w > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = Math.min(x - side, x + w - scroll.clientWidth + 1);
  }

  // ---- what others do

  // refreshed: rows have come. A row that has moved is followed, by its first
  // text; a cell that is being typed in and has changed is told.
  function refreshed() {
    if (anchor && rows.known(at.row) && rows.text(at.row, anchor.column) !== anchor.text) {
      const row = rows.find(anchor);
      const moved = row - at.row;
      if (row && !edit) {
        at = { row, column: at.column };
        from = { row: Math.max(1, from.row + moved), column: from.column };
      }
      if (!edit) anchor = rows.anchor(at.row);
    } else if (!anchor) anchor = rows.anchor(at.row);
    if (edit && rows.known(edit.row)) {
      const key = edit.seen;
      if (key && rows.text(key.row, key.column) !== key.text) {
        const row = rows.find(key);
        if (row) {
          edit.seen = { ...key, row };
          edit.row = row;
          at = from = { row, column: edit.column };
          anchor = rows.anchor(row);
          reveal();
        } else say(words.moved, true);
      }
      const now = rows.text(edit.row, edit.column);
      if (now !== edit.old && !conflict && edit.told !== now) {
        edit.told = now;
        ask(words.changed, now);
      }
    }
    later();
  }

  document.addEventListener("piece", (e) => {
    if (e.detail === "sheet-news" && rows.heard(document.getElementById("sheet-revision").dataset.revision)) later();
  });

  // ---- typing

  function begin(text, whole) {
    if (edit || !rows.known(at.row)) return;
    from = at;
    edit = { row: at.row, column: at.column, old: rows.text(at.row, at.column), seen: rows.anchor(at.row, at.column, at.column) };
    if (whole) {
      editor.value = edit.old;
      editor.setSelectionRange(editor.value.length, editor.value.length);
    } else if (text !== undefined) editor.value = text;
    editor.inputMode = "text";
    later();
  }

  function stop() {
    edit = null;
    editor.value = "";
    editor.inputMode = "none";
    if (conflict && conflict.typing) ask();
    later();
  }

  function commit() {
    if (!edit) return;
    const { row, column, old, seen } = edit, text = editor.value;
    stop();
    if (text === old) return;
    write(row, column, [[old]], [[text]], seen ? [seen] : [], true);
  }

  // write puts a block and shows it at once.
  async function write(row, column, old, texts, seen, typed) {
    const keys = [];
    texts.forEach((line, i) => line.forEach((text, j) => {
      if (text === old[i][j]) return;
      const key = `${row + i},${column + j}`;
      rows.typed.set(key, typeof text === "string" ? text : text.text);
      keys.push([key, rows.typed.get(key)]);
    }));
    later();
    const answer = await carry({ seen, steps: [{ put: { row, column, old, new: texts, grow: true } }] }, words.saved);
    for (const [key, text] of keys) if (rows.typed.get(key) === text) rows.typed.delete(key);
    later();
    if (answer.outcome?.applied) return;
    const here = answer.outcome?.differs?.find((d) => d.row === row && d.column === column);
    if (typed) ask(answer.lost ? words.unsent : answer.message || answer.error, texts[0][0], { row, column, mine: texts[0][0], seen, old: here ? here.now : old[0][0], other: !here && !answer.lost });
  }

  // carry has a batch made and says how it went.
  async function carry(batch, done, onto = undone) {
    busy++;
    say(words.saving);
    const answer = await rows.send(batch, shown);
    busy--;
    if (answer.outcome?.applied) {
      onto.push(answer.outcome.undo);
      if (onto === undone && done === words.saved) redone.length = 0;
      if (!busy) say(done);
    } else say(answer.lost ? words.unsent : answer.message || answer.error, true);
    anchor = rows.anchor(at.row);
    later();
    return answer;
  }

  // ask shows that a cell holds something else than was seen; without words, that
  // this is settled.
  function ask(message, text, about) {
    if (!message && waiting.length) [message, text, about] = waiting.shift();
    else if (about && conflict && !conflict.typing) { waiting.push([message, text, about]); return; }
    conflict = message ? { ...about, typing: !about } : null;
    clash.hidden = !message;
    if (!message) return;
    const [p, yours, quote] = clash.children;
    set(p, about?.other ? `${message} ${words.moved}` : message);
    yours.hidden = !about;
    set(quote, text || words.empty);
    clash.querySelector("[data-do=mine]").hidden = Boolean(about?.other);
    say("");
  }

  function mine() {
    const c = conflict;
    ask();
    if (c.typing) {
      edit.old = rows.text(edit.row, edit.column);
    } else write(c.row, c.column, [[c.old]], [[c.mine]], c.seen.filter((s) => s.row !== c.row || s.column !== c.column), true);
    editor.focus({ preventScroll: true });
  }

  function theirs() {
    if (conflict.typing && edit) stop();
    ask();
    editor.focus({ preventScroll: true });
  }

  // ---- blocks, rows, order

  async function texts(b) {
    await rows.want(b.top, Math.min(b.bottom, rows.info.rows));
    const all = [];
    for (let row = b.top; row <= b.bottom; row++) {
      const one = [];
      for (let column = b.left; column <= b.right; column++) one.push(rows.text(row, column));
      all.push(one);
    }
    return all;
  }

  function anchors(b) {
    const seen = [];
    for (let row = b.top; row <= b.bottom; row++) {
      const a = rows.anchor(row, b.left, b.right);
      if (a) seen.push(a);
    }
    return seen;
  }

  const large = (b) => {
    if ((b.bottom - b.top + 1) * (b.right - b.left + 1) <= most) return false;
    say(words.large, true);
    return true;
  };

  async function clear() {
    const b = block();
    b.bottom = Math.min(b.bottom, Math.max(rows.info.used_rows, b.top));
    if (large(b)) return;
    const old = await texts(b);
    if (old.some((line) => line.some((text) => text !== ""))) write(b.top, b.left, old, old.map((line) => line.map(() => "")), anchors(b));
  }

  async function paste(text) {
    let cells = parse(text);
    const b = block();
    if (cells.length === 1 && cells[0].length === 1 && !large(b)) cells = Array.from({ length: b.bottom - b.top + 1 }, () => Array(b.right - b.left + 1).fill(cells[0][0]));
    const wide = Math.max(...cells.map((line) => line.length));
    b.bottom = b.top + cells.length - 1;
    b.right = b.left + wide - 1;
    if (large(b)) return;
    const old = await texts(b);
    cells = cells.map((line, i) => old[i].map((was, j) => line[j] ?? was));
    if (cells.every((line, i) => line.every((t, j) => t === old[i][j]))) return;
    const fits = { row: b.bottom, column: b.right };
    write(b.top, b.left, old, cells, anchors(b));
    at = { row: b.top, column: b.left };
    from = { row: Math.min(fits.row, height()), column: Math.min(fits.column, width()) };
    later();
  }

  async function insert(row, count) {
    const seen = [rows.anchor(row - 1), rows.anchor(row)].filter(Boolean);
    const answer = await carry({ seen, steps: [{ insert: { row, count } }] }, words.saved);
    if (answer.outcome?.applied) select(row, at.column);
  }

  async function remove() {
    const { top, bottom } = block();
    if (large({ top, bottom, left: 1, right: 1 })) return;
    await rows.want(top, bottom);
    const seen = [];
    for (let row = top; row <= bottom; row++) seen.push(rows.texts(row));
    await carry({ steps: [{ delete: { row: top, seen } }] }, words.saved);
    select(top, at.column);
  }

  const sort = (descending) => carry({ steps: [{ sort: { from: Math.max(rows.info.frozen, 1) + 1, to: 0, column: at.column, descending } }] }, words.saved);

  async function back(stack, onto, done, refused) {
    const batch = stack.pop();
    if (!batch) return;
    const answer = await carry({ seen: batch.seen, steps: batch.steps }, done, onto);
    if (answer.lost) stack.push(batch);
    else if (!answer.outcome?.applied) say(`${refused} ${answer.message || answer.error}`, true);
    else {
      const step = batch.steps[0], place = step.put ?? step.insert ?? step.delete;
      if (place) select(place.row, place.column ?? at.column);
    }
  }
  const undo = () => back(undone, redone, words.undone, words.noundo);
  const redo = () => back(redone, undone, words.redone, words.noredo);

  const deeds = {
    undo, redo, mine, theirs, delete: remove, above: () => { const b = block(); return insert(b.top, b.bottom - b.top + 1); },
    below: () => { const b = block(); return insert(b.bottom + 1, b.bottom - b.top + 1); }, up: () => sort(false), down: () => sort(true),
    edit: () => { editor.blur(); begin(undefined, true); }, done: commit, cancel: stop,
  };
  sheet.addEventListener("click", (e) => {
    const what = e.target.closest("[data-do]")?.dataset.do;
    if (!what || !rows.info) return;
    if (edit && !["mine", "theirs", "cancel"].includes(what)) commit();
    deeds[what]();
    editor.focus({ preventScroll: true });
  });

  // ---- keys

  const moves = {
    ArrowUp: (c) => [c ? edge(-1) : at.row - 1, at.column], ArrowDown: (c) => [c ? edge(1) : at.row + 1, at.column],
    ArrowLeft: (c) => [at.row, c ? 1 : at.column - 1], ArrowRight: (c) => [at.row, c ? rows.info.used_columns : at.column + 1],
    PageUp: () => [at.row - page(), at.column], PageDown: () => [at.row + page(), at.column],
    Home: (c) => [c ? 1 : at.row, 1], End: (c) => [c ? rows.info.used_rows : at.row, rows.info.used_columns],
  };
  const page = () => Math.max(1, Math.floor((scroll.clientHeight - head) / line) - 1);
  const edge = (step) => (step < 0 ? 1 : rows.info.used_rows);

  editor.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229 || !rows.info) return; // the input method's own
    const control = e.ctrlKey || e.metaKey, key = e.key;
    entered = key === "Enter";
    if (edit) {
      if (key === "Enter" && (e.altKey || control)) {
        editor.setRangeText("\n", editor.selectionStart, editor.selectionEnd, "end");
        place();
      } else if (key === "Enter" || key === "Tab") {
        commit();
        if (key === "Tab") select(at.row, at.column + (e.shiftKey ? -1 : 1));
        else select(at.row + (e.shiftKey ? -1 : 1), at.column);
      } else if (key === "Escape") stop();
      else return;
      e.preventDefault();
      return;
    }
    if (moves[key] && !e.altKey) select(...moves[key](control), e.shiftKey);
    else if (key === "Tab" && !leaving && (e.shiftKey ? at.column > 1 : at.column < width())) select(at.row, at.column + (e.shiftKey ? -1 : 1));
    else if (key === "Escape") { leaving = true; return; }
    else if (key === "Enter" || key === "F2") begin(undefined, true);
    else if (key === "Delete" || key === "Backspace") clear();
    else if (control && !e.altKey && key.toLowerCase() === "z") e.shiftKey ? redo() : undo();
    else if (control && !e.altKey && key.toLowerCase() === "y") redo();
    else if (control && !e.altKey && key.toLowerCase() === "a") { from = { row: 1, column: 1 }; select(Math.max(rows.info.used_rows, 1), Math.max(rows.info.used_columns, 1), true); }
    else return;
    e.preventDefault();
  });
  // A line break that comes of itself after an Enter that was taken is none of the
  // text; from a telephone's keyboard, whose keys tell nothing, it is one.
  editor.addEventListener("beforeinput", (e) => { if (entered && (e.inputType === "insertLineBreak" || e.inputType === "insertParagraph")) e.preventDefault(); });
  editor.addEventListener("keyup", () => { entered = false; });
  editor.addEventListener("compositionstart", () => begin());
  editor.addEventListener("input", () => { if (edit) place(); else begin(editor.value); });
  editor.addEventListener("copy", (e) => copy(e));
  editor.addEventListener("cut", (e) => { if (copy(e)) clear(); });
  editor.addEventListener("paste", (e) => {
    if (edit || !rows.info) return;
    e.preventDefault();
    paste(e.clipboardData.getData("text/plain"));
  });
  function copy(e) {
    if (edit || !rows.info) return false;
    e.preventDefault();
    const b = block();
    b.bottom = Math.min(b.bottom, Math.max(rows.info.used_rows, b.top));
    if (large(b)) return false;
    const all = [];
    for (let row = b.top; row <= b.bottom; row++) {
      if (!rows.known(row)) { rows.want(b.top, b.bottom); return false; } // loaded by the next try
      all.push(Array.from({ length: b.right - b.left + 1 }, (_, i) => rows.text(row, b.left + i)));
    }
    e.clipboardData.setData("text/plain", format(all));
    return true;
  }

  // ---- the pointer

  function cellAt(e) {
    const cell = e.target.closest("[role=gridcell], [role=rowheader], [role=columnheader]");
    if (!cell || !grid.contains(cell)) return null;
    return { row: Number(cell.parentElement.getAttribute("aria-rowindex")) - 1, column: Number(cell.getAttribute("aria-colindex")) - 1 };
  }
  let drag = null;
  grid.addEventListener("pointerdown", (e) => {
    const cell = cellAt(e);
    if (!cell || e.button !== 0) return;
    if (e.target.className === "sheet-grip") {
      drag = { grip: cell.column, x: e.clientX, width: widthOf(cell.column) };
      grid.setPointerCapture(e.pointerId);
      e.preventDefault();
      return;
    }
    const again = cell.row === at.row && cell.column === at.column;
    commit();
    if (cell.row < 1 && cell.column < 1) { from = { row: 1, column: 1 }; select(rows.info.used_rows, rows.info.used_columns, true); }
    else if (cell.row < 1) { select(1, cell.column, e.shiftKey); from = { row: Math.max(1, rows.info.used_rows), column: from.column }; }
    else if (cell.column < 1) { select(cell.row, 1, e.shiftKey); from = { row: from.row, column: Math.max(1, rows.info.used_columns) }; }
    else {
      select(cell.row, cell.column, e.shiftKey);
      if (e.pointerType === "mouse") drag = { cells: true };
      else if (again) { editor.blur(); begin(undefined, true); }
    }
    if (e.pointerType === "mouse") { e.preventDefault(); editor.focus({ preventScroll: true }); }
  });
  grid.addEventListener("click", () => editor.focus({ preventScroll: true }));
  grid.addEventListener("dblclick", (e) => { if (cellAt(e)?.row > 0) begin(undefined, true); });
  grid.addEventListener("pointermove", (e) => {
    if (drag?.grip) {
      chosen.set(drag.grip, Math.min(Math.max(drag.width + e.clientX - drag.x, 48), 900));
      later();
    } else if (drag?.cells && e.buttons === 1) {
      const cell = cellAt(e);
      if (cell && cell.row > 0 && cell.column > 0 && (cell.row !== at.row || cell.column !== at.column)) select(cell.row, cell.column, true);
    }
  });
  const drop = () => {
    if (drag?.grip) localStorage.setItem("sheet-widths", JSON.stringify([...chosen]));
    drag = null;
  };
  grid.addEventListener("pointerup", drop);
  grid.addEventListener("pointercancel", drop);

  scroll.addEventListener("scroll", later, { passive: true });
  scroll.addEventListener("submit", (e) => e.preventDefault());
  new ResizeObserver(later).observe(scroll);
  addEventListener("beforeunload", (e) => { if (busy || conflict || edit && editor.value !== edit.old) e.preventDefault(); });

  grid.setAttribute("aria-label", words.title);
  sheet.hidden = false;
  const first = marked || 1;
  rows.want(1, 60).then(() => {
    for (let column = 1; column <= width(); column++) widthOf(column); // of the first rows, wherever the look goes
    return rows.want(first, first + 60);
  }).then(() => {
    select(first, 1);
    if (marked) scroll.scrollTop = Math.max(0, (marked - 3) * line);
    editor.focus({ preventScroll: true });
  }, (problem) => say(problem.message, true));
}

if (sheet) start();
