// The grid of /sheet. What is typed goes to the daemon with the text that was seen
// in the cell; where another one stands there by then nothing is written, and
// what was typed stays here until somebody decides.
//
// A textarea has the focus all the time and lies over the selected cell, so that
// an input method can begin to compose in it; it is seen once something is typed.
import { Rows } from "./sheet-rows.js";
import { parse, format } from "./sheet-block.js";
import { looks, part, set } from "./sheet-view.js";

const sheet = document.getElementById("sheet");

function start() {
  const words = sheet.dataset;
  const scroll = part("scroll"), grid = part("cells"), editor = part("editor"), clash = part("clash");
  const most = 100000; // cells in one step
  const origin = { row: 1, column: 1 };
  // What is selected (from where on, up to where), what is being typed
  // ({row, column, old, seen}), and what can be taken back.
  const state = { at: origin, from: origin, edit: null, undone: [], redone: [], marked: Number(words.row) };
  const rows = new Rows(Number(words.tab), () => refreshed());
  const { later, place, reveal, shown, block, height, width, widthOf, choose, keep, page, toMiddle } = looks(sheet, rows, state);
  let anchor = null; // what tells the selected row from others
  let conflict = null; // what the box over the grid is about: {typing}, or {row, column, old, mine, seen}
  const waiting = []; // further ones
  let entered = false; // by a key, and its keyup is still to come
  let leaving = false, busy = 0;

  function say(text, bad) {
    set(part("said"), text);
    part("said").classList.toggle("bad", Boolean(bad));
  }

  // ---- moving about

  function select(row, column, extend) {
    state.at = { row: Math.min(Math.max(row, 1), height()), column: Math.min(Math.max(column, 1), width()) };
    if (!extend) state.from = state.at;
    anchor = rows.anchor(state.at.row);
    leaving = false;
    reveal();
    later();
  }

  // all selects what holds something, and leaves the look where it is.
  function all() {
    state.at = origin;
    state.from = { row: Math.max(rows.info.used_rows, 1), column: Math.max(rows.info.used_columns, 1) };
    anchor = rows.anchor(1);
    later();
  }

  // ---- what others do

  // refreshed: rows have come. A row that has moved is followed, by its first
  // text; a cell that is being typed in and has changed is told.
  function refreshed() {
    if (anchor && rows.known(state.at.row) && rows.text(state.at.row, anchor.column) !== anchor.text) {
      const row = rows.find(anchor);
      const moved = row - state.at.row;
      if (row && !state.edit) {
        state.at = { row, column: state.at.column };
        state.from = { row: Math.max(1, state.from.row + moved), column: state.from.column };
      }
      if (!state.edit) anchor = rows.anchor(state.at.row);
    } else if (!anchor) anchor = rows.anchor(state.at.row);
    if (state.edit && rows.known(state.edit.row)) {
      const key = state.edit.seen;
      if (key && rows.text(key.row, key.column) !== key.text) {
        const row = rows.find(key);
        if (row) {
          state.edit.seen = { ...key, row };
          state.edit.row = row;
          state.at = state.from = { row, column: state.edit.column };
          anchor = rows.anchor(row);
          reveal();
        } else say(words.moved, true);
      }
      const now = rows.text(state.edit.row, state.edit.column);
      if (now !== state.edit.old && !conflict && state.edit.told !== now) {
        state.edit.told = now;
        ask(words.changed, now);
      }
    }
    later();
  }

  document.addEventListener("piece", (e) => {
    if (e.detail === "sheet-news" && rows.heard(document.getElementById("sheet-revision").dataset.revision)) later();
  });

  // ---- typing

  // begin lets a cell be typed in: anew, or on with the whole text that it holds.
  function begin(whole) {
    if (state.edit || !rows.known(state.at.row)) return;
    state.from = state.at;
    state.edit = { row: state.at.row, column: state.at.column, old: rows.text(state.at.row, state.at.column), seen: rows.anchor(state.at.row, state.at.column, state.at.column) };
    if (whole) {
      editor.value = state.edit.old;
      editor.setSelectionRange(editor.value.length, editor.value.length);
      editor.inputMode = "text"; // a telephone shows its keys
    }
    later();
  }

  function stop() {
    state.edit = null;
    editor.value = "";
    editor.inputMode = "none";
    if (conflict && conflict.typing) ask();
    later();
  }

  function commit() {
    if (!state.edit) return;
    const { row, column, old, seen } = state.edit, text = editor.value;
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
  async function carry(batch, done, onto = state.undone) {
    busy++;
    say(words.saving);
    const answer = await rows.send(batch, shown);
    busy--;
    if (answer.outcome?.applied) {
      onto.push(answer.outcome.undo);
      if (onto === state.undone && done === words.saved) state.redone.length = 0;
      if (!busy) say(done);
    } else say(answer.lost ? words.unsent : answer.message || answer.error, true);
    anchor = rows.anchor(state.at.row);
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
      state.edit.old = rows.text(state.edit.row, state.edit.column);
    } else write(c.row, c.column, [[c.old]], [[c.mine]], c.seen.filter((s) => s.row !== c.row || s.column !== c.column), true);
    editor.focus({ preventScroll: true });
  }

  function theirs() {
    if (conflict.typing && state.edit) stop();
    ask();
    editor.focus({ preventScroll: true });
  }

  // ---- blocks, rows, order

  async function texts(b) {
    const free = rows.hold(b.top, b.bottom);
    try {
      await rows.want(b.top, Math.min(b.bottom, rows.info.rows));
      return held(b);
    } finally { free(); }
  }

  // held are the texts of a block whose rows are known.
  function held(b) {
    return Array.from({ length: b.bottom - b.top + 1 }, (_, i) => Array.from({ length: b.right - b.left + 1 }, (_, j) => rows.text(b.top + i, b.left + j)));
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
    state.at = { row: b.top, column: b.left };
    state.from = { row: Math.min(fits.row, height()), column: Math.min(fits.column, width()) };
    later();
  }

  async function insert(row, count) {
    const seen = [rows.anchor(row - 1), rows.anchor(row)].filter(Boolean);
    const answer = await carry({ seen, steps: [{ insert: { row, count } }] }, words.saved);
    if (answer.outcome?.applied) select(row, state.at.column);
  }

  async function remove() {
    const { top, bottom } = block();
    if (large({ top, bottom, left: 1, right: 1 })) return;
    const free = rows.hold(top, bottom), seen = [];
    try {
      await rows.want(top, bottom);
      for (let row = top; row <= bottom; row++) seen.push(rows.texts(row));
    } finally { free(); }
    await carry({ steps: [{ delete: { row: top, seen } }] }, words.saved);
    select(top, state.at.column);
  }

  const sort = (descending) => carry({ steps: [{ sort: { from: Math.max(rows.info.frozen, 1) + 1, to: 0, column: state.at.column, descending } }] }, words.saved);

  async function back(stack, onto, done, refused) {
    await rows.last; // whose inverse is not there before it is answered
    const batch = stack.pop();
    if (!batch) return;
    const answer = await carry({ seen: batch.seen, steps: batch.steps }, done, onto);
    if (answer.lost) stack.push(batch);
    else if (!answer.outcome?.applied) say(`${refused} ${answer.message || answer.error}`, true);
    else {
      const step = batch.steps[0], place = step.put ?? step.insert ?? step.delete;
      if (place) select(place.row, place.column ?? state.at.column);
    }
  }
  // run does what may need rows that cannot be loaded now.
  const run = async (deed, ...given) => {
    try { await deed(...given); } catch { say(words.unread, true); }
  };
  const undo = () => back(state.undone, state.redone, words.undone, words.noundo);
  const redo = () => back(state.redone, state.undone, words.redone, words.noredo);

  const deeds = {
    undo, redo, mine, theirs, delete: remove, above: () => { const b = block(); return insert(b.top, b.bottom - b.top + 1); },
    below: () => { const b = block(); return insert(b.bottom + 1, b.bottom - b.top + 1); }, up: () => sort(false), down: () => sort(true),
    edit: () => { editor.blur(); begin(true); }, done: commit, cancel: stop,
  };
  sheet.addEventListener("click", (e) => {
    const what = e.target.closest("[data-do]")?.dataset.do;
    if (!what || !rows.info) return;
    if (state.edit && !["mine", "theirs", "cancel"].includes(what)) commit();
    run(deeds[what]);
    editor.focus({ preventScroll: true });
  });

  // ---- keys

  const moves = {
    ArrowUp: (c) => [c ? edge(-1) : state.at.row - 1, state.at.column], ArrowDown: (c) => [c ? edge(1) : state.at.row + 1, state.at.column],
    ArrowLeft: (c) => [state.at.row, c ? 1 : state.at.column - 1], ArrowRight: (c) => [state.at.row, c ? rows.info.used_columns : state.at.column + 1],
    PageUp: () => [state.at.row - page(), state.at.column], PageDown: () => [state.at.row + page(), state.at.column],
    Home: (c) => [c ? 1 : state.at.row, 1], End: (c) => [c ? rows.info.used_rows : state.at.row, rows.info.used_columns],
  };
  const edge = (step) => (step < 0 ? 1 : rows.info.used_rows);

  editor.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229 || !rows.info) return; // the input method's own
    const control = e.ctrlKey || e.metaKey, key = e.key;
    entered = key === "Enter";
    if (state.edit) {
      if (key === "Enter" && (e.altKey || control)) {
        editor.setRangeText("\n", editor.selectionStart, editor.selectionEnd, "end");
        place();
      } else if (key === "Enter" || key === "Tab") {
        commit();
        if (key === "Tab") select(state.at.row, state.at.column + (e.shiftKey ? -1 : 1));
        else select(state.at.row + (e.shiftKey ? -1 : 1), state.at.column);
      } else if (key === "Escape") stop();
      else return;
      e.preventDefault();
      return;
    }
    if (moves[key] && !e.altKey) select(...moves[key](control), e.shiftKey);
    else if (key === "Tab" && !leaving && (e.shiftKey ? state.at.column > 1 : state.at.column < width())) select(state.at.row, state.at.column + (e.shiftKey ? -1 : 1));
    else if (key === "Escape") { leaving = true; return; }
    else if (key === "Enter" || key === "F2") begin(true);
    else if (key === "Delete" || key === "Backspace") run(clear);
    else if (control && !e.altKey && key.toLowerCase() === "z") e.shiftKey ? redo() : undo();
    else if (control && !e.altKey && key.toLowerCase() === "y") redo();
    else if (control && !e.altKey && key.toLowerCase() === "a") all();
    else return;
    e.preventDefault();
  });
  // A line break that comes of itself after an Enter that was taken is none of the
  // text; from a telephone's keyboard, whose keys tell nothing, it is one.
  editor.addEventListener("beforeinput", (e) => { if (entered && (e.inputType === "insertLineBreak" || e.inputType === "insertParagraph")) e.preventDefault(); });
  editor.addEventListener("keyup", () => { entered = false; });
  editor.addEventListener("compositionstart", () => begin());
  editor.addEventListener("input", () => {
    if (!state.edit) begin(); // with what is typed in it already
    if (state.edit) place();
    else editor.value = ""; // the row is not known yet
  });
  editor.addEventListener("copy", (e) => copy(e));
  editor.addEventListener("cut", (e) => { if (copy(e)) run(clear); });
  editor.addEventListener("paste", (e) => {
    if (state.edit || !rows.info) return;
    e.preventDefault();
    run(paste, e.clipboardData.getData("text/plain"));
  });
  // copy puts a block on the clipboard, which has to happen at once: where rows are
  // not known they are loaded, for another try.
  let copied = null;
  function copy(e) {
    if (state.edit || !rows.info) return false;
    e.preventDefault();
    const b = block();
    b.bottom = Math.min(b.bottom, Math.max(rows.info.used_rows, b.top));
    if (large(b)) return false;
    for (let row = b.top; row <= b.bottom; row++) {
      if (rows.known(row)) continue;
      copied?.(); // what was held for the copy before
      copied = rows.hold(b.top, b.bottom);
      say(words.loading);
      rows.want(b.top, b.bottom).then(() => say(words.again), () => {});
      return false;
    }
    e.clipboardData.setData("text/plain", format(held(b)));
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
    const again = cell.row === state.at.row && cell.column === state.at.column;
    commit();
    if (cell.row < 1 && cell.column < 1) all();
    else if (cell.row < 1) { select(1, cell.column, e.shiftKey); state.from = { row: Math.max(1, rows.info.used_rows), column: state.from.column }; }
    else if (cell.column < 1) { select(cell.row, 1, e.shiftKey); state.from = { row: state.from.row, column: Math.max(1, rows.info.used_columns) }; }
    else {
      select(cell.row, cell.column, e.shiftKey);
      if (e.pointerType === "mouse") drag = { cells: true };
      else if (again) { editor.blur(); begin(true); }
    }
    if (e.pointerType === "mouse") { e.preventDefault(); editor.focus({ preventScroll: true }); }
  });
  // Without the mouse that a browser plays after a finger: it would select a word.
  grid.addEventListener("touchend", (e) => {
    if (!state.edit || !e.cancelable) return;
    e.preventDefault();
    editor.focus({ preventScroll: true });
  });
  grid.addEventListener("click", () => editor.focus({ preventScroll: true }));
  grid.addEventListener("dblclick", (e) => { if (cellAt(e)?.row > 0) begin(true); });
  grid.addEventListener("pointermove", (e) => {
    if (drag?.grip) {
      choose(drag.grip, drag.width + e.clientX - drag.x);
    } else if (drag?.cells && e.buttons === 1) {
      const cell = cellAt(e);
      if (cell && cell.row > 0 && cell.column > 0 && (cell.row !== state.at.row || cell.column !== state.at.column)) select(cell.row, cell.column, true);
    }
  });
  const drop = () => {
    if (drag?.grip) keep();
    drag = null;
  };
  grid.addEventListener("pointerup", drop);
  grid.addEventListener("pointercancel", drop);

  scroll.addEventListener("scroll", later, { passive: true });
  scroll.addEventListener("submit", (e) => e.preventDefault());
  new ResizeObserver(later).observe(scroll);
  addEventListener("beforeunload", (e) => { if (busy || conflict || state.edit && editor.value !== state.edit.old) e.preventDefault(); });

  grid.setAttribute("aria-label", words.title);
  sheet.hidden = false;
  const first = state.marked || 1;
  rows.want(1, 60).then(() => {
    for (let column = 1; column <= width(); column++) widthOf(column); // of the first rows, wherever the look goes
    return rows.want(first, first + 60);
  }).then(() => {
    select(first, 1);
    if (state.marked) toMiddle(state.marked);
    editor.focus({ preventScroll: true });
  }, (problem) => say(problem.message, true));
}

if (sheet) start();
