// Blocks of cells as spreadsheets put them on the clipboard: rows end with a line
// break, cells with a tab, and a cell that holds one of these stands in quotes.

// parse reads what was pasted. Quotes count at the beginning of a cell only, and
// only where they are closed before a tab, a line break or the end: what people
// copy from elsewhere may begin with one.
export function parse(text) {
  text = text.replace(/\r\n?/g, "\n");
  const rows = [[]];
  for (let at = 0; ; at++) {
    const closed = quoteEnd(text, at), end = closed || cellEnd(text, at);
    rows.at(-1).push(closed ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    at = end;
    if (at >= text.length) return rows;
    if (text[at] === "\n") {
      if (at + 1 === text.length) return rows; // the end of the last row
      rows.push([]);
    }
  }
}

function cellEnd(text, at) {
  while (at < text.length && text[at] !== "\t" && text[at] !== "\n") at++;
  return at;
}

// quoteEnd is the end of a cell in quotes that begins there, 0 for none.
function quoteEnd(text, at) {
  if (text[at] !== '"') return 0;
  for (at = text.indexOf('"', at + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] === '"') continue;
    return at + 1 === text.length || text[at + 1] === "\t" || text[at + 1] === "\n" ? at + 1 : 0;
  }
  return 0;
}

// format is what parse reads.
export function format(rows) {
  return rows.map((row) => row.map((cell) => (/["\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");
}

// letters name a column, counted from 1: A, Z, AA.
export function letters(column) {
  let name = "";
  for (; column > 0; column = Math.floor((column - 1) / 26)) name = String.fromCharCode(65 + ((column - 1) % 26)) + name;
  return name;
}
