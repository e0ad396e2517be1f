// google-spreadsheet's cells, and what it does to rows, columns and ranges.
import assert from 'node:assert/strict';
import { has, optional } from './connect.mjs';

export default async function cells(op, { book: create, doc: open }) {
  const doc = open((await create()).id);
  await doc.loadInfo();
  const fresh = async (values) => {
    const sheet = await doc.addSheet({ gridProperties: { rowCount: 10, columnCount: 5 } });
    await sheet.loadCells('A1:E10');
    values.forEach((row, r) => row.forEach((v, c) => { if (v !== '') sheet.getCell(r, c).value = v; }));
    await sheet.saveUpdatedCells();
    return sheet;
  };
  const shown = (sheet, range = 'A1:E10') => sheet.getCellsInRange(range);

  await op('saveUpdatedCells: text, number and truth value', async () => {
    const sheet = await fresh([['文', 1.5, true, false, 0]]);
    assert.deepEqual(sheet.getCellByA1('A1').value, '文');
    assert.deepEqual(
      await sheet.getCellsInRange('A1:E1', { valueRenderOption: 'UNFORMATTED_VALUE' }),
      [['文', 1.5, true, false, 0]],
    );
    assert.deepEqual(await shown(sheet, 'A1:E1'), [['文', '1.5', 'TRUE', 'FALSE', '0']]);
  });

  await op('loadCells by A1: kinds, shown values and empty cells', async () => {
    const sheet = await fresh([['文', 1.5, true]]);
    const other = open(doc.spreadsheetId);
    await other.loadInfo();
    const copy = other.sheetsById[sheet.sheetId];
    await copy.loadCells('A1:D2');
    const kinds = ['A1', 'B1', 'C1', 'D1'].map((a) => [copy.getCellByA1(a).valueType, copy.getCellByA1(a).formattedValue]);
    assert.deepEqual(kinds, [['stringValue', '文'], ['numberValue', '1.5'], ['boolValue', 'TRUE'], [null, null]]);
    assert.equal(copy.getCell(1, 0).value, null);
    assert.throws(() => copy.getCell(2, 0), /not been loaded/);
    assert.equal(copy.cellStats.loaded, 8);
  });

  await op('loadCells by index: a grid range, and one without end', async () => {
    const sheet = await fresh([['a', 'b'], ['c', 'd']]);
    const other = open(doc.spreadsheetId);
    await other.loadInfo();
    const copy = other.sheetsById[sheet.sheetId];
    await copy.loadCells({ startRowIndex: 1, endRowIndex: 2, startColumnIndex: 1, endColumnIndex: 2 });
    assert.equal(copy.getCell(1, 1).value, 'd');
    assert.equal(copy.cellStats.loaded, 1);
    await copy.loadCells({ startRowIndex: 8, startColumnIndex: 3 });
    assert.equal(copy.cellStats.loaded, 1 + 2 * 2);
  });

  await op('loadCells of the whole tab', async () => {
    const sheet = await fresh([['a']]);
    const other = open(doc.spreadsheetId);
    await other.loadInfo();
    await other.sheetsById[sheet.sheetId].loadCells();
    assert.deepEqual(other.sheetsById[sheet.sheetId].cellStats, { nonEmpty: 1, loaded: 50, total: 50 });
  });

  await op('a text that begins with = is a text when saved as one', async () => {
    const sheet = await fresh([]);
    sheet.getCellByA1('A1').stringValue = '=1+1';
    sheet.getCellByA1('B1').stringValue = '007';
    await sheet.saveUpdatedCells();
    has(sheet.getCellByA1('A1'), { value: '=1+1', valueType: 'stringValue', formula: null });
    assert.deepEqual(await shown(sheet, 'A1:B1'), [['=1+1', '007']]);
  });

  await op('a formula is kept', async () => {
    const sheet = await fresh([[2, 3]]);
    sheet.getCellByA1('C1').formula = '=A1*B1';
    await sheet.saveUpdatedCells();
    assert.equal(sheet.getCellByA1('C1').formula, '=A1*B1');
    assert.deepEqual(await sheet.getCellsInRange('A1:C1', { valueRenderOption: 'FORMULA' }), [[2, 3, '=A1*B1']]);
  });

  // A server that does not compute says so in an error value and shows the formula: never a value, and never none.
  const uncomputed = (cell, formula) => {
    has(cell, { valueType: 'errorValue', formula, formattedValue: formula });
    assert.equal(cell.errorValue.type, 'ERROR');
    assert.match(cell.errorValue.message, /formula/i);
  };

  await op('a formula is computed, or said not to be', async () => {
    const sheet = await fresh([[2, 3]]);
    sheet.getCellByA1('C1').formula = '=A1*B1';
    await sheet.saveUpdatedCells();
    const cell = sheet.getCellByA1('C1');
    if (cell.errorValue) uncomputed(cell, '=A1*B1');
    else has(cell, { value: 6, valueType: 'numberValue', formattedValue: '6' });
    assert.deepEqual(await shown(sheet, 'C1'), [[cell.formattedValue]]);
  });

  await op('a formula that fails is an error value', async () => {
    const sheet = await fresh([]);
    sheet.getCellByA1('A1').formula = '=1/0';
    await sheet.saveUpdatedCells();
    const cell = sheet.getCellByA1('A1');
    if (cell.errorValue?.type !== 'DIVIDE_BY_ZERO') uncomputed(cell, '=1/0');
    assert.deepEqual(await shown(sheet, 'A1'), [[cell.errorValue.type === 'ERROR' ? '=1/0' : '#DIV/0!']]);
  });

  await op('a cell set to nothing is empty', async () => {
    const sheet = await fresh([['a', 'b']]);
    sheet.getCellByA1('A1').value = null;
    await sheet.saveUpdatedCells();
    assert.equal(sheet.getCellByA1('A1').value, null);
    assert.deepEqual(await shown(sheet, 'A1:B1'), [['', 'b']]);
  });

  await op('cell.note: written, read by another, removed; the value stays', async () => {
    const sheet = await fresh([['a']]);
    sheet.getCellByA1('A1').note = '注\n二行目';
    await sheet.saveUpdatedCells();
    const other = open(doc.spreadsheetId);
    await other.loadInfo();
    const copy = other.sheetsById[sheet.sheetId];
    await copy.loadCells('A1');
    has(copy.getCellByA1('A1'), { note: '注\n二行目', value: 'a' });
    copy.getCellByA1('A1').note = '';
    await copy.saveUpdatedCells();
    has(copy.getCellByA1('A1'), { note: '', value: 'a' });
  });

  await op('insertDimension: rows and columns', async () => {
    const sheet = await fresh([['a', 'b'], ['c', 'd']]);
    await sheet.insertDimension('ROWS', { startIndex: 1, endIndex: 3 });
    await sheet.insertDimension('COLUMNS', { startIndex: 0, endIndex: 1 }, false);
    assert.deepEqual(await sheet.getCellsInRange('A1:F12'), [['', 'a', 'b'], [], [], ['', 'c', 'd']]);
    has(sheet, { rowCount: 12, columnCount: 6 });
  });

  await op('deleteRows and deleteColumns', async () => {
    const sheet = await fresh([['a', 'b', 'c'], ['d', 'e', 'f'], ['g', 'h', 'i']]);
    await sheet.deleteRows(1, 2);
    await sheet.deleteColumns(0, 1);
    assert.deepEqual(await sheet.getCellsInRange('A1:D9'), [['b', 'c'], ['h', 'i']]);
    has(sheet, { rowCount: 9, columnCount: 4 });
  });

  await op('moveDimension: the example of the reference', async () => {
    const sheet = await fresh([[0], [1], [2], [3], [4]]);
    await sheet.moveDimension('ROWS', { startIndex: 1, endIndex: 3 }, 4);
    assert.deepEqual(await shown(sheet), [['0'], ['3'], ['1'], ['2'], ['4']]);
  });

  await op('appendDimension: at the end', async () => {
    const sheet = await fresh([]);
    await sheet.appendDimension('ROWS', 3);
    await sheet.appendDimension('COLUMNS', 1);
    has(sheet, { rowCount: 13, columnCount: 6 });
  });

  const one = { startRowIndex: 1, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 1 };
  await op('insertRange: other columns stay', optional('insertRange', async () => {
    const sheet = await fresh([['a', 'x'], ['b', 'y'], ['c', 'z']]);
    await sheet.insertRange(one, 'ROWS');
    assert.deepEqual(await shown(sheet), [['a', 'x'], ['', 'y'], ['b', 'z'], ['c']]);
  }));

  await op('deleteRange of whole rows, as row.delete asks', async () => {
    const sheet = await fresh([['a', 'x'], ['b', 'y'], ['c', 'z']]);
    await sheet.deleteRange({ startRowIndex: 1, endRowIndex: 2 }, 'ROWS');
    assert.deepEqual(await shown(sheet, 'A1:E5'), [['a', 'x'], ['c', 'z']]);
  });

  await op('deleteRange of some columns: the others stay', optional('deleteRange', async () => {
    const sheet = await fresh([['a', 'x'], ['b', 'y'], ['c', 'z']]);
    await sheet.deleteRange(one, 'ROWS');
    assert.deepEqual(await shown(sheet), [['a', 'x'], ['c', 'y'], ['', 'z']]);
  }));

  await op('sortRange: by number, then by text; empty cells last', async () => {
    const sheet = await fresh([['b', 10], ['', 9], ['a', 9], ['c', '']]);
    const range = { startRowIndex: 0, endRowIndex: 4, startColumnIndex: 0, endColumnIndex: 2 };
    await sheet.sortRange(range, [{ dimensionIndex: 1, sortOrder: 'ASCENDING' }, { dimensionIndex: 0, sortOrder: 'ASCENDING' }]);
    assert.deepEqual(await shown(sheet), [['a', '9'], ['', '9'], ['b', '10'], ['c']]);
    await sheet.sortRange(range, [{ dimensionIndex: 0, sortOrder: 'DESCENDING' }]);
    assert.deepEqual(await shown(sheet, 'A1:A4'), [['c'], ['b'], ['a']]);
  });

  await op('findReplace within a tab', async () => {
    const sheet = await fresh([['東京都', '京都'], ['Tokyo', 'x東京']]);
    await sheet.findReplace('東京', '大阪');
    assert.deepEqual(await shown(sheet), [['大阪都', '京都'], ['Tokyo', 'x大阪']]);
  });

  await op('appendCells: below the last row with values', async () => {
    const sheet = await fresh([['a'], ['', 'b']]);
    await sheet.appendCells([{ values: [{ userEnteredValue: { stringValue: 'c' } }] }], 'userEnteredValue');
    assert.deepEqual(await shown(sheet), [['a'], ['', 'b'], ['c']]);
  });

  await op('duplicate: a copy with its values, before the original', optional('duplicateSheet', async () => {
    const sheet = await fresh([['a']]);
    const copy = await sheet.duplicate({ title: '写し', index: 0 });
    has(copy, { title: '写し', index: 0, rowCount: 10, columnCount: 5 });
    assert.deepEqual(await copy.getCellsInRange('A1:B2'), [['a']]);
    await copy.clear('A1');
    assert.deepEqual(await shown(sheet), [['a']]);
  }));
}
