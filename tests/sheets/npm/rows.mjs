// google-spreadsheet's books, tabs and rows.
import assert from 'node:assert/strict';
import { GoogleSpreadsheet } from 'google-spreadsheet';
import { has } from './connect.mjs';

const title = "顧客の 表 '甲'"; // spaces, quotes and Japanese: all that a range must quote
const header = ['ID', '件名', '状態', '数'];

export default async function rows(op, { auth, doc: open }) {
  const made = await op('createNewSpreadsheetDocument: a book with one tab of 1000 by 26', async () => {
    const book = await GoogleSpreadsheet.createNewSpreadsheetDocument(auth, {
      title: '試験台帳', locale: 'en_US', timeZone: 'Asia/Tokyo',
    });
    assert.equal(book.title, '試験台帳');
    assert.match(book.spreadsheetId, /^[A-Za-z0-9_-]{20,}$/);
    assert.equal(book.sheetCount, 1);
    has(book.sheetsByIndex[0], { sheetId: 0, title: 'Sheet1', index: 0, sheetType: 'GRID', rowCount: 1000, columnCount: 26 });
    return book;
  });
  const doc = open(made.spreadsheetId);

  await op('loadInfo: title, locale and time zone as created', async () => {
    await doc.loadInfo();
    has(doc, { title: '試験台帳', locale: 'en_US', timeZone: 'Asia/Tokyo', autoRecalc: 'ON_CHANGE', sheetCount: 1 });
  });

  const sheet = await op('addSheet with headerValues: a Japanese title with quotes and spaces', async () => {
    const added = await doc.addSheet({ title, headerValues: header, gridProperties: { rowCount: 12, columnCount: 6 } });
    has(added, { title, index: 1, rowCount: 12, columnCount: 6 });
    assert.deepEqual(added.headerValues, header, 'the answer leaves the empty cells behind the header out');
    assert.ok(Number.isInteger(added.sheetId) && added.sheetId > 0);
    assert.equal(doc.sheetCount, 2);
    return added;
  });

  await op('loadHeaderRow: read again by somebody else', async () => {
    const other = open(doc.spreadsheetId);
    await other.loadInfo();
    await other.sheetsByTitle[title].loadHeaderRow();
    assert.deepEqual(other.sheetsByTitle[title].headerValues, header);
  });

  await op('setHeaderRow: a longer header and back', async () => {
    await sheet.setHeaderRow([...header, '余り']);
    assert.deepEqual(await sheet.getCellsInRange('A1:F1'), [[...header, '余り']]);
    await sheet.setHeaderRow(header);
    assert.deepEqual(await sheet.getCellsInRange('A1:F1'), [header]);
  });

  await op('addRow RAW: text stays text', async () => {
    const row = await sheet.addRow({ ID: '007', 件名: '=1+1', 状態: '2026-11-21', 数: 12.5 }, { raw: true });
    assert.equal(row.rowNumber, 2);
    assert.deepEqual(row.toObject(), { ID: '007', 件名: '=1+1', 状態: '2026-11-21', 数: '12.5' });
    assert.deepEqual(
      await sheet.getCellsInRange('A2:D2', { valueRenderOption: 'UNFORMATTED_VALUE' }),
      [['007', '=1+1', '2026-11-21', 12.5]],
    );
  });

  await op('addRow USER_ENTERED: read as if typed', async () => {
    const row = await sheet.addRow(["'007", 'true', '2026-11-21', '1,234']);
    assert.equal(row.rowNumber, 3);
    assert.deepEqual(row.toObject(), { ID: '007', 件名: 'TRUE', 状態: '2026-11-21', 数: '1,234' });
    assert.deepEqual(
      await sheet.getCellsInRange('A3:D3', { valueRenderOption: 'UNFORMATTED_VALUE' }),
      [['007', true, serial('2026-11-21'), 1234]],
    );
  });

  await op('addRows: a value that is missing leaves its cell alone', async () => {
    const added = await sheet.addRows([{ ID: 'A-1', 数: 1 }, { ID: 'A-2', 件名: '二' }]);
    assert.deepEqual(added.map((r) => r.rowNumber), [4, 5]);
    assert.deepEqual(await sheet.getCellsInRange('A4:D5'), [['A-1', '', '', '1'], ['A-2', '二']]);
  });

  await op('addRow with insert: the grid grows by a row', async () => {
    const row = await sheet.addRow({ ID: 'A-3' }, { insert: true });
    assert.equal(row.rowNumber, 6);
    await doc.loadInfo();
    assert.equal(sheet.rowCount, 13);
  });

  await op('getRows with offset and limit', async () => {
    const some = await sheet.getRows({ offset: 2, limit: 2 });
    assert.deepEqual(some.map((r) => [r.rowNumber, r.get('ID'), r.get('件名')]), [[4, 'A-1', ''], [5, 'A-2', '二']]);
  });

  await op('getRows before the header is known: one batchGet', async () => {
    const other = open(doc.spreadsheetId);
    await other.loadInfo();
    const all = await other.sheetsByTitle[title].getRows();
    assert.deepEqual(all.map((r) => r.get('ID')), ['007', '007', 'A-1', 'A-2', 'A-3']);
  });

  await op('getRows beyond the last row with values: none', async () => {
    assert.deepEqual(await sheet.getRows({ offset: 8, limit: 2 }), []);
  });

  await op('row.save: the row as the sheet shows it after', async () => {
    const [row] = await sheet.getRows({ offset: 3, limit: 1 });
    row.assign({ 状態: '完了', 数: '7' });
    await row.save();
    assert.deepEqual(row.toObject(), { ID: 'A-2', 件名: '二', 状態: '完了', 数: '7' });
    row.set('数', '008');
    await row.save({ raw: true });
    assert.deepEqual(
      await sheet.getCellsInRange('A5:D5', { valueRenderOption: 'UNFORMATTED_VALUE' }),
      [['A-2', '二', '完了', '008']],
    );
  });

  await op('row.delete: the rows below move up, and their objects with them', async () => {
    const all = await sheet.getRows();
    await all[0].delete();
    assert.equal(all[4].rowNumber, 5);
    all[4].set('件名', '最後');
    await all[4].save();
    assert.deepEqual(await sheet.getCellsInRange('A2:B5'), [['007', 'TRUE'], ['A-1'], ['A-2', '二'], ['A-3', '最後']]);
  });

  await op('clearRows: values go, header and grid stay', async () => {
    await sheet.clearRows();
    await sheet.addRows(['B-1', 'B-2', 'B-3', 'B-4'].map((ID) => ({ ID })));
    await sheet.clearRows({ start: 3, end: 4 });
    assert.deepEqual(await sheet.getCellsInRange('A1:A6'), [['ID'], ['B-1'], [], [], ['B-4']]);
    await sheet.clearRows();
    assert.deepEqual(await sheet.getCellsInRange('A1:D12'), [header]);
    assert.deepEqual(await sheet.getRows(), []);
  });

  await op('with an API key alone: loadInfo and loadCells by GET', async () => {
    const reader = open(doc.spreadsheetId, { apiKey: 'x' });
    await reader.loadInfo();
    await reader.sheetsByTitle[title].loadCells('A1:B1');
    assert.equal(reader.sheetsByTitle[title].getCellByA1('B1').value, '件名');
  });

  await op('updateProperties: a book and a tab renamed', async () => {
    await doc.updateProperties({ title: '改名' });
    await sheet.updateProperties({ title: "It's" });
    const other = open(doc.spreadsheetId);
    await other.loadInfo();
    assert.equal(other.title, '改名');
    assert.equal(other.sheetsById[sheet.sheetId].title, "It's");
    assert.deepEqual(await sheet.getCellsInRange('A1:D1'), [header]);
  });

  await op('resize: rows and columns, larger and smaller', async () => {
    await sheet.resize({ rowCount: 40, columnCount: 9 });
    has(sheet, { rowCount: 40, columnCount: 9 });
    await sheet.updateGridProperties({ rowCount: 5 });
    has(sheet, { rowCount: 5, columnCount: 9 });
    await sheet.updateGridProperties({ frozenRowCount: 1 });
    assert.equal(sheet.gridProperties.frozenRowCount, 1);
  });

  await op('clear: the whole tab', async () => {
    await sheet.clear();
    assert.equal(await sheet.getCellsInRange('A1:I5'), undefined);
  });

  await op('delete: the tab is gone', async () => {
    await sheet.delete();
    const other = open(doc.spreadsheetId);
    await other.loadInfo();
    assert.deepEqual(other.sheetsByIndex.map((s) => s.title), ['Sheet1']);
  });
}

// serial is the day's number as spreadsheets count it.
const serial = (day) => (Date.parse(`${day}T00:00:00Z`) - Date.UTC(1899, 11, 30)) / 86_400_000;
