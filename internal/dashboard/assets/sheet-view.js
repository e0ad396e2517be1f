// What of a tab is to be seen: the rows round the place that is scrolled to, as a
// grid for screen readers, and the editor over the selected cell. It is drawn once
// a frame, whatever has changed.
import { letters } from "./sheet-block.js";

const line = 44, head = 34, side = 62; // pixels: a row, the head, the numbers of rows

export function set(e, text) { if (e.textContent !== text) e.textContent = text; }
export const part = (id) => document.getElementById(`sheet-${id}`);

// looks draws what rows and state say: {at, from} where the selection ends and
// began, {edit} what is being typed, {marked} a row, {undone, redone}.
export function looks(sheet, rows, state) {
  const words = sheet.dataset;
  const scroll = part("scroll"), grid = part("cells"), editor = part("editor");
  const drawn = new Map(); // row → element
  const widths = new Map(), chosen = new Map(JSON.parse(localStorage.getItem("sheet-widths") || "[]"));
  let frame = 0;

  const height = () => Math.min(rows.info.rows, Math.max(rows.info.used_rows + 50, state.at.row));
  const width = () => Math.min(rows.info.columns, Math.max(rows.info.used_columns + 2, 6, state.at.column));
  const block = () => ({
    top: Math.min(state.at.row, state.from.row), bottom: Math.max(state.at.row, state.from.row), left: Math.min(state.at.column, state.from.column), right: Math.max(state.at.column, state.from.column),
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
    e.classList.toggle("marked", row === state.marked);
    e.classList.toggle("unknown", !known);
    e.firstChild.classList.toggle("in", row >= picked.top && row <= picked.bottom);
    for (let column = 1; column <= columns; column++) {
      const c = e.children[column], value = rows.value(row, column);
      set(c, known ? (typeof value === "string" ? value : value.text).slice(0, 400) : "…");
      const inside = row >= picked.top && row <= picked.bottom && column >= picked.left && column <= picked.right;
      const classes = [row === state.at.row && column === state.at.column && "at", inside && many && "in", typeof value !== "string" && "other", rows.waits(row, column) && "waits"].filter(Boolean).join(" ");
      if (c.className !== classes) c.className = classes;
      c.setAttribute("aria-selected", inside);
    }
  }

  // place lays the editor over the selected cell and says what that holds.
  function place() {
    const where = state.edit ?? state.at;
    editor.style.left = `${left(where.column)}px`;
    editor.style.top = `${head + (where.row - 1) * line}px`;
    editor.style.width = `${Math.max(widthOf(where.column), state.edit ? Math.min(240, scroll.clientWidth - side) : 0) + 1}px`;
    editor.style.height = `${line}px`;
    if (state.edit) editor.style.height = `${Math.max(line + 1, Math.min(editor.scrollHeight + 4, scroll.clientHeight - head - 8))}px`;
    editor.classList.toggle("on", Boolean(state.edit));
    const name = letters(state.at.column) + state.at.row, title = rows.header?.[state.at.column - 1] ?? "";
    const value = rows.value(state.at.row, state.at.column), text = typeof value === "string" ? value : value.text;
    editor.setAttribute("aria-label", `${name} ${title}`.trim());
    if (!state.edit && drawn.has(state.at.row)) editor.setAttribute("aria-activedescendant", `cell-${state.at.row}-${state.at.column}`);
    else editor.removeAttribute("aria-activedescendant");
    const many = block();
    set(part("where"), many.top === many.bottom && many.left === many.right ? name : `${letters(many.left)}${many.top}:${letters(many.right)}${many.bottom}`);
    set(part("column"), typeof value === "string" ? title : `${title} (${value.note || words.number})`);
    set(part("full"), text || (rows.known(state.at.row) ? words.empty : "…"));
    part("full").classList.toggle("dim", !text);
    const ticket = rows.text(state.at.row, 1), link = part("ticket");
    link.hidden = !/^[^\s/]+-\d+$/u.test(ticket);
    if (!link.hidden) link.setAttribute("href", `/tracker/${encodeURIComponent(ticket)}`);
    for (const button of sheet.querySelectorAll("[data-do]")) {
      const what = button.dataset.do;
      if (what === "undo") button.disabled = !state.undone.length;
      if (what === "redo") button.disabled = !state.redone.length;
      if (what === "edit") button.hidden = Boolean(state.edit);
      if (what === "done" || what === "cancel") button.hidden = !state.edit;
    }
  }

  function reveal() {
    const y = (state.at.row - 1) * line, x = left(state.at.column), w = widthOf(state.at.column);
    if (y < scroll.scrollTop) scroll.scrollTop = y;
    else if (y + line > scroll.scrollTop + scroll.clientHeight - head) scroll.scrollTop = y + line - scroll.clientHeight + head + 1;
    if (x - side < scroll.scrollLeft) scroll.scrollLeft = x - side;
    else if (x + w > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = Math.min(x - side, x + w - scroll.clientWidth + 1);
  }

  // choose gives a column a width that this browser keeps.
  function choose(column, pixels) {
    chosen.set(column, Math.min(Math.max(pixels, 48), 900));
    later();
  }
  const keep = () => localStorage.setItem("sheet-widths", JSON.stringify([...chosen]));
  const page = () => Math.max(1, Math.floor((scroll.clientHeight - head) / line) - 1);
  // toMiddle scrolls a row to where it is seen at once.
  const toMiddle = (row) => { scroll.scrollTop = Math.max(0, (row - 3) * line); };

  return { later, place, reveal, shown, block, height, width, widthOf, choose, keep, page, toMiddle };
}
