// Books and tabs as wholes: creating, reading, partial answers, the order of tabs.
import assert from 'node:assert/strict';
import { has, optional } from './connect.mjs';

export default async function whole(op, { api, book: create, raw }) {
  const order = (info) => info.sheets.map((s) => s.properties.title);

  await op('create with tabs of its own', async () => {
    const { data } = await api.spreadsheets.create({
      requestBody: {
        properties: { title: '持ち込み', locale: 'ja_JP', timeZone: 'Asia/Tokyo' },
        sheets: [{ properties: { title: '進捗', gridProperties: { rowCount: 5, columnCount: 3 } } }, { properties: { title: '控え', sheetId: 42 } }],
      },
    });
    has(data, {
      properties: { title: '持ち込み', locale: 'ja_JP', timeZone: 'Asia/Tokyo' },
      sheets: [
        { properties: { title: '進捗', index: 0, sheetType: 'GRID', gridProperties: { rowCount: 5, columnCount: 3 } } },
        { properties: { title: '控え', index: 1, sheetId: 42, gridProperties: { rowCount: 1000, columnCount: 26 } } },
      ],
    });
    assert.ok((data.spreadsheetUrl ?? data.spreadsheetId).includes(data.spreadsheetId), 'a server that shows no pages has no link');
    const { data: again } = await api.spreadsheets.get({ spreadsheetId: data.spreadsheetId });
    assert.deepEqual(again, data);
  });

  await op('get with includeGridData: what was entered, what it comes to, how it is shown', async () => {
    const book = await create();
    const t = await book.tab([['文', 1.5, true], [], ['', 'x']], { rowCount: 4, columnCount: 3 });
    const { sheets } = await book.info({ ranges: [t.title], includeGridData: true });
    assert.equal(sheets.length, 1);
    const [{ data: [data] }] = sheets;
    assert.deepEqual([data.rowMetadata.length, data.columnMetadata.length], [4, 3]);
    has(data.rowData[0].values, [
      { userEnteredValue: { stringValue: '文' }, effectiveValue: { stringValue: '文' }, formattedValue: '文' },
      { userEnteredValue: { numberValue: 1.5 }, effectiveValue: { numberValue: 1.5 }, formattedValue: '1.5' },
      { userEnteredValue: { boolValue: true }, effectiveValue: { boolValue: true }, formattedValue: 'TRUE' },
    ]);
    assert.equal(data.rowData[2].values[1].formattedValue, 'x');
    assert.ok([undefined, 0].includes(data.startRow) && [undefined, 0].includes(data.startColumn));
  });

  await op('get without includeGridData: no cells, but with ranges only their tabs', async () => {
    const book = await create();
    const t = await book.tab([['a']]);
    const info = await book.info({ ranges: [t.at('A1')] });
    assert.deepEqual(order(info), [t.title]);
    assert.equal(info.sheets[0].data, undefined);
  });

  await op('get with fields: these and no others; cells when they are named', async () => {
    const book = await create();
    const t = await book.tab([['a', 'b']]);
    assert.deepEqual(await book.info({ fields: 'sheets.properties(sheetId,title)' }), {
      sheets: [{ properties: { sheetId: 0, title: 'Sheet1' } }, { properties: { sheetId: t.id, title: t.title } }],
    });
    assert.deepEqual(await book.info({ fields: 'sheets/data/rowData/values/formattedValue', ranges: [t.at('A1:B1')] }), {
      sheets: [{ data: [{ rowData: [{ values: [{ formattedValue: 'a' }, { formattedValue: 'b' }] }] }] }],
    });
    assert.deepEqual(await book.info({ fields: 'spreadsheetId,properties.title' }), { spreadsheetId: book.id, properties: { title: '台帳' } });
  });

  await op('values with fields', async () => {
    const book = await create();
    const t = await book.tab([['a']]);
    assert.deepEqual(await book.read(t.at('A1'), { fields: 'values' }), { values: [['a']] });
    assert.deepEqual(await book.write(t.at('A1'), [['b']], { fields: 'updatedCells' }), { updatedCells: 1 });
  });

  await op('a slash at the end of a book, and before a verb, is no other book', async () => {
    const book = await create();
    const { status, data } = await raw('GET', `v4/spreadsheets/${book.id}/?fields=spreadsheetId`);
    assert.deepEqual([status, data], [200, { spreadsheetId: book.id }]);
    const found = await raw('POST', `v4/spreadsheets/${book.id}/:getByDataFilter?fields=spreadsheetId`, { dataFilters: [{ a1Range: 'A1' }] });
    assert.deepEqual([found.status, found.data], [200, { spreadsheetId: book.id }]);
  });

  await op('a range in the path, escaped or not', async () => {
    const book = await create();
    await book.tab([['あ/い']], { title: '進捗 (案)/2026' });
    for (const range of [encodeURIComponent("'進捗 (案)/2026'!A1"), "'%E9%80%B2%E6%8D%97%20(%E6%A1%88)%2F2026'!A1"]) {
      const { data } = await raw('GET', `v4/spreadsheets/${book.id}/values/${range}`);
      assert.deepEqual(data, { range: "'進捗 (案)/2026'!A1", majorDimension: 'ROWS', values: [['あ/い']] });
    }
  });

  await op('addSheet: at an index, with an id; without either at the end', async () => {
    const book = await create();
    const replies = await book.batch(
      { addSheet: { properties: { title: '一', index: 0, sheetId: 7 } } },
      { addSheet: { properties: { title: '末' } } },
      { addSheet: {} },
    );
    has(replies[0].addSheet.properties, { sheetId: 7, title: '一', index: 0, sheetType: 'GRID', gridProperties: { rowCount: 1000, columnCount: 26 } });
    assert.equal(replies[1].addSheet.properties.index, 2);
    const info = await book.info();
    assert.deepEqual(order(info), ['一', 'Sheet1', '末', replies[2].addSheet.properties.title]);
    assert.deepEqual(info.sheets.map((s) => s.properties.index), [0, 1, 2, 3]);
  });

  await op('updateSheetProperties: an index counts before the move', async () => {
    const book = await create();
    const [b, c] = [await book.tab(), await book.tab()];
    const move = (sheetId, index) => book.batch({ updateSheetProperties: { properties: { sheetId, index }, fields: 'index' } });
    await move(0, 2);
    assert.deepEqual(order(await book.info()), [b.title, 'Sheet1', c.title]);
    await move(0, 2); // its own place and the one after it: nothing moves
    await move(0, 1);
    assert.deepEqual(order(await book.info()), [b.title, 'Sheet1', c.title]);
    await move(c.id, 0);
    assert.deepEqual(order(await book.info()), [c.title, b.title, 'Sheet1']);
  });

  await op('updateSheetProperties: only the fields named, nested ones too', async () => {
    const book = await create();
    const t = await book.tab([['a']]);
    await book.batch({
      updateSheetProperties: { properties: { sheetId: t.id, title: 'x', hidden: true, gridProperties: { rowCount: 30, columnCount: 2 } }, fields: 'hidden,gridProperties/rowCount' },
    });
    const { sheets } = await book.info();
    has(sheets[1].properties, { title: t.title, hidden: true, gridProperties: { rowCount: 30, columnCount: 8 } });
  });

  await op('updateSheetProperties: a smaller grid cuts what stood outside', async () => {
    const book = await create();
    const t = await book.tab([['a', 'b'], ['c', 'd']]);
    const grid = (rowCount, columnCount) => book.batch({
      updateSheetProperties: { properties: { sheetId: t.id, gridProperties: { rowCount, columnCount } }, fields: 'gridProperties.rowCount,gridProperties(columnCount)' },
    });
    await grid(1, 1);
    await grid(3, 3);
    assert.deepEqual(await book.values(t.title), [['a']]);
  });

  await op('duplicateSheet: cells go along, the id and name asked for', optional('duplicateSheet', async () => {
    const book = await create();
    const t = await book.tab([['a', '=1']]);
    const [reply] = await book.batch({ duplicateSheet: { sourceSheetId: t.id, newSheetId: 99, newSheetName: '写し', insertSheetIndex: 1 } });
    has(reply.duplicateSheet.properties, { sheetId: 99, title: '写し', index: 1, gridProperties: { rowCount: 20, columnCount: 8 } });
    assert.deepEqual(await book.values('写し'), [['a', '=1']]);
    assert.deepEqual(order(await book.info()), ['Sheet1', '写し', t.title]);
  }));

  await op('deleteSheet: the others close up', async () => {
    const book = await create();
    const t = await book.tab();
    assert.deepEqual(await book.batch({ deleteSheet: { sheetId: 0 } }), [{}]);
    const info = await book.info();
    assert.deepEqual(info.sheets.map((s) => [s.properties.sheetId, s.properties.index]), [[t.id, 0]]);
  });

  await op('updateSpreadsheetProperties: title, time zone', async () => {
    const book = await create();
    await book.batch({ updateSpreadsheetProperties: { properties: { title: '🎊 #123', timeZone: 'Europe/Paris', locale: 'fr_FR' }, fields: 'title,timeZone' } });
    has((await book.info()).properties, { title: '🎊 #123', timeZone: 'Europe/Paris', locale: 'en_US' });
  });

  await op('books do not know each other', async () => {
    const [a, b] = [await create(), await create()];
    assert.notEqual(a.id, b.id);
    await a.write('Sheet1!A1', [['a']]);
    assert.equal(await b.values('Sheet1!A1'), undefined);
  });
}
