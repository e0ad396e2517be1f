// values.append: where Google finds the table that is appended to, and what it says about it.
import assert from 'node:assert/strict';
import { has } from './connect.mjs';

export default async function append(op, { api, book: create }) {
  const book = await create();
  const add = async (range, values, options = {}) => {
    const { data } = await api.spreadsheets.values.append({
      spreadsheetId: book.id, range, valueInputOption: 'RAW', ...options, requestBody: { values },
    });
    return data;
  };

  await op('append to an empty tab: no table, at A1', async () => {
    const t = await book.tab();
    const answer = await add(t.title, [['a', '', 'c']]);
    assert.deepEqual(answer, {
      spreadsheetId: book.id,
      updates: { spreadsheetId: book.id, updatedRange: t.at('A1:C1'), updatedRows: 1, updatedColumns: 3, updatedCells: 3 },
    });
  });

  await op('append again: the table is named, the row goes below it', async () => {
    const t = await book.tab([['a', 'b'], ['c', 'd']]);
    const answer = await add(t.at('A1'), [['e', 'f', 'g'], ['h']], { includeValuesInResponse: true });
    has(answer, {
      tableRange: t.at('A1:B2'),
      updates: {
        updatedRange: t.at('A3:C4'), updatedRows: 2, updatedColumns: 3, updatedCells: 4,
        updatedData: { range: t.at('A3:C4'), majorDimension: 'ROWS', values: [['e', 'f', 'g'], ['h']] },
      },
    });
  });

  await op('append to a table of one cell', async () => {
    const t = await book.tab([['a']]);
    has(await add(t.title, [['b']]), { tableRange: t.at('A1'), updates: { updatedRange: t.at('A2') } });
  });

  // The guide "Read & write cell values", with its two tables A1:C2 and B4:D6.
  for (const [range, starts, table] of [
    ['', 'B7', 'B4:D6'], ['B4', 'B7', 'B4:D6'], ['C5:D5', 'B7', 'B4:D6'], ['B2:D4', 'B7', 'B4:D6'], ['A3:G10', 'B7', 'B4:D6'],
    ['A1', 'A3', 'A1:C2'], ['E4', 'E4', undefined], ['A4', 'A4', undefined],
  ]) {
    await op(`append at ${range || 'the tab'}, with tables at A1:C2 and B4:D6: starts at ${starts}`, async () => {
      const t = await book.tab([['x', 'y', 'z'], ['x', 'y', 'z'], [], ['', 'x', 'y'], ['', '', 'y', 'z'], ['', 'x', 'y', 'z']]);
      const answer = await add(range ? t.at(range) : t.title, [['new']]);
      assert.equal(answer.updates.updatedRange, t.at(starts));
      assert.equal(answer.tableRange, table && t.at(table));
      assert.deepEqual(await book.values(t.at(starts)), [['new']]);
    });
  }

  const withNote = async () => book.tab([['a'], ['b'], [], ['note', 'n2']]);

  await op('append OVERWRITE: what stands below is written over', async () => {
    const t = await withNote();
    has(await add(t.at('A1'), [['c'], ['d'], ['e']], { insertDataOption: 'OVERWRITE' }), {
      tableRange: t.at('A1:A2'), updates: { updatedRange: t.at('A3:A5') },
    });
    assert.deepEqual(await book.values(t.title), [['a'], ['b'], ['c'], ['d', 'n2'], ['e']]);
    has(await book.info({ fields: 'sheets.properties' }), {});
  });

  await op('append INSERT_ROWS: what stands below moves down', async () => {
    const t = await withNote();
    has(await add(t.at('A1'), [['c'], ['d']], { insertDataOption: 'INSERT_ROWS' }), {
      tableRange: t.at('A1:A2'), updates: { updatedRange: t.at('A3:A4') },
    });
    assert.deepEqual(await book.values(t.title), [['a'], ['b'], ['c'], ['d'], [], ['note', 'n2']]);
    const { sheets } = await book.info({ fields: 'sheets.properties(title,gridProperties.rowCount)' });
    assert.equal(sheets.find((s) => s.properties.title === t.title).properties.gridProperties.rowCount, 22);
  });

  await op('append behind the last row: the grid grows', async () => {
    const t = await book.tab([['a'], ['b']], { title: 'Sheet900', rowCount: 2, columnCount: 1 });
    has(await add(t.title, [['c'], ['d']]), { updates: { updatedRange: t.at('A3:A4') } });
    assert.deepEqual(await book.values(t.title), [['a'], ['b'], ['c'], ['d']]);
  });

  await op('append by columns: the data is read so, and added as rows', async () => {
    const t = await book.tab([['a', 'b']]);
    const { data } = await api.spreadsheets.values.append({
      spreadsheetId: book.id, range: t.title, valueInputOption: 'RAW', requestBody: { majorDimension: 'COLUMNS', values: [['c', 'e'], ['d', 'f']] },
    });
    assert.equal(data.updates.updatedRange, t.at('A2:B3'));
    assert.deepEqual(await book.values(t.title), [['a', 'b'], ['c', 'd'], ['e', 'f']]);
  });

  await op('append of numbers and truth values, USER_ENTERED, as they are shown', async () => {
    const t = await book.tab([['a']]);
    const answer = await add(t.title, [[1234.5, true, '1,000']], { valueInputOption: 'USER_ENTERED', includeValuesInResponse: true });
    assert.deepEqual(answer.updates.updatedData.values, [['1234.5', 'TRUE', '1,000']]);
  });
}
