// batchUpdate: what moves, what is written, what is found and replaced.
import assert from 'node:assert/strict';
import { has, optional } from './connect.mjs';

const text = (stringValue) => ({ userEnteredValue: { stringValue } });

export default async function dimensions(op, { api, book: create }) {
  const book = await create();
  const grid = async (tab) => {
    const { sheets } = await book.info({ fields: 'sheets.properties' });
    const { rowCount, columnCount } = sheets.find((s) => s.properties.sheetId === tab.id).properties.gridProperties;
    return [rowCount, columnCount];
  };

  await op('insertDimension and deleteDimension: values move, the grid counts', async () => {
    const t = await book.tab([['a', 'b'], ['c', 'd']]);
    assert.deepEqual(await book.batch({ insertDimension: { range: t.columns(1, 2), inheritFromBefore: true } }), [{}]);
    assert.deepEqual(await book.values(t.title), [['a', '', 'b'], ['c', '', 'd']]);
    assert.deepEqual(await grid(t), [20, 9]);
    await book.batch({ deleteDimension: { range: t.columns(0, 2) } }, { deleteDimension: { range: t.rows(0, 1) } });
    assert.deepEqual(await book.values(t.title), [['d']]);
    assert.deepEqual(await grid(t), [19, 7]);
  });

  await op('appendDimension', async () => {
    const t = await book.tab();
    await book.batch({ appendDimension: { sheetId: t.id, dimension: 'ROWS', length: 5 } }, { appendDimension: { sheetId: t.id, dimension: 'COLUMNS', length: 2 } });
    assert.deepEqual(await grid(t), [25, 10]);
  });

  await op('moveDimension of columns, to the right and to the left', async () => {
    const t = await book.tab([['0', '1', '2', '3', '4']]);
    await book.batch({ moveDimension: { source: t.columns(1, 3), destinationIndex: 4 } });
    assert.deepEqual(await book.values(t.title), [['0', '3', '1', '2', '4']]);
    await book.batch({ moveDimension: { source: t.columns(4, 5), destinationIndex: 0 } });
    assert.deepEqual(await book.values(t.title), [['4', '0', '3', '1', '2']]);
    assert.deepEqual(await grid(t), [20, 8]);
  });

  await op('sortRange: numbers before texts, empty cells last either way, rows kept together', async () => {
    const t = await book.tab([['head', 'n'], ['x', 3], ['', 4], [10, 1], ['a', 5], [9, 2]]);
    await book.batch({ sortRange: { range: t.grid(1, 6, 0, 2), sortSpecs: [{ dimensionIndex: 0, sortOrder: 'ASCENDING' }] } });
    assert.deepEqual(await book.values(t.title), [['head', 'n'], ['9', '2'], ['10', '1'], ['a', '5'], ['x', '3'], ['', '4']]);
    await book.batch({ sortRange: { range: t.grid(1, 6, 0, 2), sortSpecs: [{ dimensionIndex: 0, sortOrder: 'DESCENDING' }] } });
    assert.deepEqual(await book.values(t.at('A1:A6')), [['head'], ['x'], ['a'], ['10'], ['9']]);
  });

  await op('sortRange: equal rows keep their order, and texts do not mind capitals', async () => {
    const t = await book.tab([['b', 1], ['A', 2], ['b', 3], ['B', 4], ['a', 5]]);
    await book.batch({ sortRange: { range: t.grid(0, 5, 0, 2), sortSpecs: [{ dimensionIndex: 0, sortOrder: 'ASCENDING' }] } });
    const sorted = await book.values(t.title);
    assert.deepEqual(sorted.map(([s]) => s.toLowerCase()), ['a', 'a', 'b', 'b', 'b']);
    assert.deepEqual(sorted.filter(([s]) => s === 'b').map(([, n]) => n), ['1', '3']);
  });

  await op('updateCells with start: rows of different lengths; the fields named alone', async () => {
    const t = await book.tab([['a', 'b', 'c'], ['d', 'e', 'f']]);
    await book.batch({
      updateCells: {
        start: { sheetId: t.id, rowIndex: 0, columnIndex: 1 }, fields: 'userEnteredValue',
        rows: [{ values: [text('=x'), { userEnteredValue: { numberValue: 2.5 } }] }, { values: [{ userEnteredValue: { boolValue: true } }] }],
      },
    });
    assert.deepEqual(await book.values(t.title, { valueRenderOption: 'UNFORMATTED_VALUE' }), [['a', '=x', 2.5], ['d', true, 'f']]);
  });

  await op('updateCells with range: what the rows do not cover is emptied', async () => {
    const t = await book.tab([['a', 'b', 'c'], ['d', 'e', 'f'], ['g', 'h', 'i']]);
    await book.batch({ updateCells: { range: t.grid(0, 2, 0, 2), fields: 'userEnteredValue', rows: [{ values: [text('x')] }] } });
    assert.deepEqual(await book.values(t.title), [['x', '', 'c'], ['', '', 'f'], ['g', 'h', 'i']]);
  });

  await op('updateCells of the note alone: the value stays', async () => {
    const t = await book.tab([['a']]);
    await book.batch({ updateCells: { range: t.grid(0, 1, 0, 1), fields: 'note', rows: [{ values: [{ note: '注' }] }] } });
    const { sheets } = await book.info({ ranges: [t.at('A1')], fields: 'sheets/data/rowData/values(note,formattedValue)' });
    assert.deepEqual(sheets, [{ data: [{ rowData: [{ values: [{ formattedValue: 'a', note: '注' }] }] }] }]);
    await book.batch({ updateCells: { range: t.grid(0, 1, 0, 1), fields: 'userEnteredValue', rows: [{ values: [text('b')] }] } });
    assert.equal((await book.info({ ranges: [t.at('A1')], fields: 'sheets.data.rowData.values.note' })).sheets[0].data[0].rowData[0].values[0].note, '注');
  });

  await op('appendCells: below the last row with values, with new rows when the grid ends', async () => {
    const t = await book.tab([['', 'a'], ['', 'b']], { rowCount: 3 });
    await book.batch({
      appendCells: { sheetId: t.id, fields: 'userEnteredValue', rows: [{ values: [text('c'), text('d')] }, { values: [text('e')] }] },
    });
    assert.deepEqual(await book.values(t.title), [['', 'a'], ['', 'b'], ['c', 'd'], ['e']]);
    assert.deepEqual(await grid(t), [4, 8]);
  });

  await op('insertRange to the right', optional('insertRange', async () => {
    const t = await book.tab([['a', 'b', 'c'], ['d', 'e', 'f']]);
    await book.batch({ insertRange: { range: t.grid(0, 1, 1, 2), shiftDimension: 'COLUMNS' } });
    assert.deepEqual(await book.values(t.title), [['a', '', 'b', 'c'], ['d', 'e', 'f']]);
  }));

  await op('deleteRange to the left', optional('deleteRange', async () => {
    const t = await book.tab([['a', 'b', 'c'], ['d', 'e', 'f']]);
    await book.batch({ deleteRange: { range: t.grid(0, 1, 0, 2), shiftDimension: 'COLUMNS' } });
    assert.deepEqual(await book.values(t.title), [['c'], ['d', 'e', 'f']]);
  }));

  const replace = async (request) => {
    const [{ findReplace = {} }] = await book.batch({ findReplace: request });
    const { valuesChanged = 0, formulasChanged = 0, rowsChanged = 0, sheetsChanged = 0, occurrencesChanged = 0 } = findReplace;
    return { valuesChanged, formulasChanged, rowsChanged, sheetsChanged, occurrencesChanged };
  };
  const none = { valuesChanged: 0, formulasChanged: 0, rowsChanged: 0, sheetsChanged: 0, occurrencesChanged: 0 };

  await op('findReplace: occurrences, values, rows and tabs are counted', async () => {
    const t = await book.tab([['Google Sheets', 'e'], ['x'], ['Tee']]);
    assert.deepEqual(await replace({ find: 'e', replacement: 'o', sheetId: t.id, matchCase: true }), {
      ...none, valuesChanged: 3, rowsChanged: 2, sheetsChanged: 1, occurrencesChanged: 6,
    });
    assert.deepEqual(await book.values(t.title), [['Googlo Shoots', 'o'], ['x'], ['Too']]);
  });

  await op('findReplace matchEntireCell in one cell: changed only while it holds the old text', async () => {
    const t = await book.tab([['未着手', '未着手']]);
    const swap = (find, replacement) => replace({ find, replacement, matchEntireCell: true, matchCase: true, range: t.grid(0, 1, 0, 1) });
    assert.deepEqual(await swap('未着手', '作業中'), { ...none, valuesChanged: 1, rowsChanged: 1, sheetsChanged: 1, occurrencesChanged: 1 });
    assert.deepEqual(await swap('未着手', '完了'), none);
    assert.deepEqual(await swap('作業', '完了'), none);
    assert.deepEqual(await book.values(t.title), [['作業中', '未着手']]);
  });

  await op('findReplace: capitals matter only when asked, and regular expressions have groups', async () => {
    const t = await book.tab([['Google Sheets'], ['Google Docs']]);
    assert.equal((await replace({ find: 'GOOGLE', replacement: 'x', matchCase: true, sheetId: t.id })).occurrencesChanged, 0);
    await replace({ find: 'o.* (.*)', replacement: '$1 Rocks', searchByRegex: true, matchCase: true, sheetId: t.id });
    assert.deepEqual(await book.values(t.title), [['GSheets Rocks'], ['GDocs Rocks']]);
    assert.equal((await replace({ find: 'gdocs', replacement: 'D', sheetId: t.id })).occurrencesChanged, 1);
  });

  await op('findReplace over all tabs', async () => {
    const other = await create();
    const [a, b] = [await other.tab([['探す']]), await other.tab([['x'], ['探す探す']])];
    const [{ findReplace }] = await other.batch({ findReplace: { find: '探す', replacement: '見た', allSheets: true } });
    has(findReplace, { sheetsChanged: 2, rowsChanged: 2, valuesChanged: 2, occurrencesChanged: 3 });
    assert.deepEqual([await other.values(a.title), await other.values(b.title)], [[['見た']], [['x'], ['見た見た']]]);
  });

  await op('requests of one batch see each other, in their order', async () => {
    const t = await book.tab([['a']]);
    const replies = await book.batch(
      { insertDimension: { range: t.rows(0, 1) } },
      { updateCells: { start: { sheetId: t.id }, fields: 'userEnteredValue', rows: [{ values: [text('first')] }] } },
      { findReplace: { find: 'first', replacement: '1st', sheetId: t.id } },
      { deleteDimension: { range: t.rows(1, 2) } },
    );
    assert.deepEqual(replies.map((r) => Object.keys(r)), [[], [], ['findReplace'], []]);
    assert.deepEqual(await book.values(t.title), [['1st']]);
  });

  await op('one bad request: none of the batch is applied', async () => {
    const t = await book.tab([['before']]);
    const was = await book.info();
    const bad = book.batch(
      { updateCells: { start: { sheetId: t.id }, fields: 'userEnteredValue', rows: [{ values: [text('after')] }] } },
      { addSheet: { properties: { title: 'stray' } } },
      { appendDimension: { sheetId: t.id, dimension: 'ROWS', length: 1 } },
      { deleteSheet: { sheetId: 999_999_999 } },
    );
    const error = await bad.then(() => assert.fail('taken'), (e) => e.response.data.error);
    assert.deepEqual(await book.values(t.title), [['before']]);
    assert.deepEqual(await book.info(), was);
    assert.deepEqual(error, { code: 400, message: 'Invalid requests[3].deleteSheet: No sheet with id: 999999999', status: 'INVALID_ARGUMENT' });
  });

  await op('includeSpreadsheetInResponse, with the ranges asked for and their cells', async () => {
    const t = await book.tab([['a', 1], ['b', 2]]);
    const { data } = await api.spreadsheets.batchUpdate({
      spreadsheetId: book.id,
      requestBody: {
        requests: [{ findReplace: { find: 'a', replacement: 'z', sheetId: t.id } }],
        includeSpreadsheetInResponse: true, responseRanges: [t.at('A1:B1'), t.at('B2:C3')], responseIncludeGridData: true,
      },
    });
    const book2 = data.updatedSpreadsheet;
    assert.equal(book2.spreadsheetId, book.id);
    assert.deepEqual(book2.sheets.map((s) => s.properties.title), [t.title], 'the tabs of the ranges alone');
    has(book2.sheets[0].data, [
      { rowData: [{ values: [
        { userEnteredValue: { stringValue: 'z' }, effectiveValue: { stringValue: 'z' }, formattedValue: 'z' },
        { userEnteredValue: { numberValue: 1 }, effectiveValue: { numberValue: 1 }, formattedValue: '1' },
      ] }] },
      { startRow: 1, startColumn: 1 },
    ]);
    assert.deepEqual(book2.sheets[0].data.map((d) => [d.rowMetadata.length, d.columnMetadata.length]), [[1, 2], [2, 2]]);
    assert.equal(book2.sheets[0].data[1].rowData[0].values[0].formattedValue, '2');
  });

  await op('includeSpreadsheetInResponse without ranges: every tab, no cells', async () => {
    const { data } = await api.spreadsheets.batchUpdate({
      spreadsheetId: book.id,
      requestBody: { requests: [{ updateSpreadsheetProperties: { properties: { title: '題' }, fields: 'title' } }], includeSpreadsheetInResponse: true },
    });
    const all = await book.info();
    assert.deepEqual(data.updatedSpreadsheet, all);
    assert.equal(all.properties.title, '題');
    assert.ok(all.sheets.every((s) => s.data === undefined));
  });
}
