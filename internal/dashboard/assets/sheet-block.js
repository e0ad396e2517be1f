// Blocks of cells as spreadsheets put them on the clipboard: rows end with a line
// break, cells with a tab, and a cell that holds one of these stands in quotes.

// parse reads what was pasted. Quotes count at the beginning of a cell only, and
// only where they are closed before a tab, a line break or the end: what people
// copy from elsewhere may begin with one.
export function parse(text) {
  text = text.replace(/\r\n?/g, "\n");
  const rows = [[]];
  let at = 0;
  for (;;) {
    let cell;
    const quoted = text[at] === '"' && /^"((?:[^"]|"")*)"(?=[\t\n]|$)/.exec(text.slice(at));
    if (quoted) {
      cell = quoted[1].replaceAll('""', '"');
      at += quoted[0].length;
    } else {
      const end = text.slice(at).search(/[\t\n]/);
      cell = end < 0 ? text.slice(at) : text.slice(at, at + end);
      at += cell.length;
    }
    rows.at(-1).push(cell);
    if (at >= text.length) return rows;
    if (text[at] === "\n") {
      if (at + 1 === text.length) return rows; // the end of the last row
      rows.push([]);
    }
    at++;
  }
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
