// spreadsheets.values: what is read, how ranges are named and trimmed, what an update counts.
import assert from 'node:assert/strict';
import { has, optional } from './connect.mjs';

export default async function values(op, { api, book: create, raw }) {
  const book = await create();
  const spreadsheetId = book.id;
  const tab = await book.tab();
  await book.write(tab.at('A1'), [['品名', 1.5, true, '088'], ['', '', 'c'], ['', '', '', ''], ['x']]);
  await book.write(tab.at('A6'), [['2026-11-21', '12%', "'=1", '=B1*2']], { valueInputOption: 'USER_ENTERED' });

  await op('values.get: rows end at their last value, the range with its last row; the range asked for is named', async () => {
    assert.deepEqual(await book.read(tab.at('A1:D5')), {
      range: tab.at('A1:D5'), majorDimension: 'ROWS', values: [['品名', '1.5', 'TRUE', '088'], ['', '', 'c'], [], ['x']],
    });
  });

  await op('values.get by columns', async () => {
    assert.deepEqual(await book.read(tab.at('A1:E4'), { majorDimension: 'COLUMNS' }), {
      range: tab.at('A1:E4'), majorDimension: 'COLUMNS', values: [['品名', '', '', 'x'], ['1.5'], ['TRUE', 'c'], ['088']],
    });
  });

  await op('values.get of nothing: no values at all', async () => {
    assert.deepEqual(await book.read(tab.at('F1:H3')), { range: tab.at('F1:H3'), majorDimension: 'ROWS' });
  });

  await op('values.get UNFORMATTED_VALUE: numbers and truth values', async () => {
    const asked = { valueRenderOption: 'UNFORMATTED_VALUE' };
    assert.deepEqual(await book.values(tab.at('A1:D1'), asked), [['品名', 1.5, true, '088']]);
    assert.deepEqual(await book.values(tab.at('A6:C6'), asked), [[46347, 0.12, '=1']]);
  });

  await op('values.get FORMATTED_VALUE of a date, a percentage and a text with an apostrophe', async () => {
    assert.deepEqual(await book.values(tab.at('A6:C6')), [['2026-11-21', '12%', '=1']]);
  });

  await op('values.get UNFORMATTED_VALUE with FORMATTED_STRING: dates as shown, numbers as numbers', async () => {
    const asked = { valueRenderOption: 'UNFORMATTED_VALUE', dateTimeRenderOption: 'FORMATTED_STRING' };
    assert.deepEqual(await book.values(tab.at('A6:B6'), asked), [['2026-11-21', 0.12]]);
  });

  await op('values.get FORMULA: formulas as written, dates as numbers', async () => {
    const asked = { valueRenderOption: 'FORMULA' };
    assert.deepEqual(await book.values(tab.at('A6:B6'), asked), [[46347, 0.12]]);
    assert.deepEqual(await book.values(tab.at('D6'), asked), [['=B1*2']]);
  });

  await op('values.get of a formula: computed, or shown as it is written', async () => {
    const answers = [await book.values(tab.at('D6')), await book.values(tab.at('D6'), { valueRenderOption: 'UNFORMATTED_VALUE' })];
    assert.deepEqual(answers, answers[0][0][0] === '3' ? [[['3']], [[3]]] : [[['=B1*2']], [['=B1*2']]]);
  });

  await op('ranges: whole tab, open ends, rows, columns, corners turned round, lower case', async () => {
    for (const [asked, answered] of [
      [tab.title, 'A1:H20'], [tab.at('A2:B'), 'A2:B20'], [tab.at('B:C'), 'B1:C20'], [tab.at('3:4'), 'A3:H4'], [tab.at('C3'), 'C3'],
      [tab.at('C3:C3'), 'C3'], [tab.at('D4:A1'), 'A1:D4'], [tab.at('a1:b2'), 'A1:B2'], [tab.at('A1:Z2000'), 'A1:H20'],
      [`'${tab.title}'!B2`, 'B2'], [tab.at('B3:3'), 'B3:H3'], [tab.at('B3:C3'), 'B3:C3'],
    ]) {
      assert.equal((await book.read(asked)).range, tab.at(answered), asked);
    }
  });

  await op('a range without a tab is in the first one', async () => {
    assert.deepEqual(await book.read('A1:B2'), { range: 'Sheet1!A1:B2', majorDimension: 'ROWS' });
  });

  await op('R1C1 notation', optional('Unable to parse range', async () => {
    assert.equal((await book.read(tab.at('R1C1:R2C3'))).range, tab.at('A1:C2'));
  }));

  await op('tab names: quoted in answers when they could be read as something else', async () => {
    for (const [title, quoted] of [
      ['LIVE_DATA', 'LIVE_DATA'], ['顧客 表', "'顧客 表'"], ['シート1', "'シート1'"], ["It's", "'It''s'"], ['D3', "'D3'"],
      ["'", "''''"], ['a!b', "'a!b'"], ['進捗(案)/2026', "'進捗(案)/2026'"], ['100%', "'100%'"],
    ]) {
      const made = await book.tab([], { title });
      await book.write(`'${title.replaceAll("'", "''")}'!B2`, [[title]]);
      assert.deepEqual(
        await book.read(`'${title.replaceAll("'", "''")}'!A1:B2`),
        { range: `${quoted}!A1:B2`, majorDimension: 'ROWS', values: [[], ['', title]] },
      );
      await book.batch({ deleteSheet: { sheetId: made.id } });
    }
  });

  await op('batchGet: several ranges, in the order asked', async () => {
    const { data } = await api.spreadsheets.values.batchGet({
      spreadsheetId, ranges: [tab.at('C2'), tab.at('A1:B1'), 'Sheet1!A1'], valueRenderOption: 'UNFORMATTED_VALUE',
    });
    assert.deepEqual(data, {
      spreadsheetId,
      valueRanges: [
        { range: tab.at('C2'), majorDimension: 'ROWS', values: [['c']] },
        { range: tab.at('A1:B1'), majorDimension: 'ROWS', values: [['品名', 1.5]] },
        { range: 'Sheet1!A1', majorDimension: 'ROWS' },
      ],
    });
  });

  await op('update: what was written, counted', async () => {
    const t = await book.tab();
    assert.deepEqual(await book.write(t.at('B2:D3'), [['a', 'b'], ['c', '']]), {
      spreadsheetId, updatedRange: t.at('B2:C3'), updatedRows: 2, updatedColumns: 2, updatedCells: 4,
    });
  });

  await op('update at one cell: the values spread from it', async () => {
    const t = await book.tab();
    has(await book.write(t.at('A1'), [['a', 'b', '', 'd'], ['', 'e', '', '']]), {
      updatedRange: t.at('A1:D2'), updatedRows: 2, updatedColumns: 4, updatedCells: 8,
    });
    assert.deepEqual(await book.values(t.title), [['a', 'b', '', 'd'], ['', 'e']]);
  });

  await op('update: null leaves a cell alone and is not counted, "" empties it', async () => {
    const t = await book.tab([['a', 'b', 'c']]);
    has(await book.write(t.at('A1:C2'), [['x', null, ''], [null, null, 'z']]), {
      updatedRange: t.at('A1:C2'), updatedRows: 2, updatedColumns: 2, updatedCells: 3,
    });
    assert.deepEqual(await book.values(t.title), [['x', 'b'], ['', '', 'z']]);
  });

  await op('update with includeValuesInResponse: the cells after', async () => {
    const t = await book.tab([['a', 'b']]);
    const answer = await book.write(t.at('A1:C1'), [['1,234', null, '']], {
      valueInputOption: 'USER_ENTERED', includeValuesInResponse: true, responseValueRenderOption: 'UNFORMATTED_VALUE',
    });
    assert.deepEqual(answer.updatedData, { range: t.at('A1:C1'), majorDimension: 'ROWS', values: [[1234, 'b']] });
  });

  await op('update by columns', async () => {
    const t = await book.tab();
    const { data } = await api.spreadsheets.values.update({
      spreadsheetId, range: t.at('A1'), valueInputOption: 'RAW', requestBody: { majorDimension: 'COLUMNS', values: [['a', 'b'], ['c']] },
    });
    has(data, { updatedRange: t.at('A1:B2'), updatedCells: 3 });
    assert.deepEqual(await book.values(t.title), [['a', 'c'], ['b']]);
  });

  await op('RAW keeps every text as it is', async () => {
    const t = await book.tab();
    const texts = ['=1+1', '+1', '@x', '-', '007', '1e3', 'TRUE', '2026-11-21', "'quoted", ' space ', 'a\nb', 'ＩＮＴＧ－０８８', 'か\u3099', '😀', '𩸽', '\t'];
    await book.write(t.at('A1'), texts.map((s) => [s]));
    assert.deepEqual((await book.values(t.at('A1:A20'), { valueRenderOption: 'UNFORMATTED_VALUE' })).flat(), texts);
  });

  await op('USER_ENTERED reads what was typed', async () => {
    const t = await book.tab();
    const typed = [['123', '-1.5', '1,234.5', '50%', 'true', "'42", '1e3', 'abc']];
    await book.write(t.at('A1'), typed, { valueInputOption: 'USER_ENTERED' });
    const bare = await book.values(t.at('A1:H1'), { valueRenderOption: 'UNFORMATTED_VALUE' });
    assert.deepEqual(bare, [[123, -1.5, 1234.5, 0.5, true, '42', 1000, 'abc']]);
    assert.deepEqual(await book.values(t.at('A1:B1')), [['123', '-1.5']]);
    assert.deepEqual(await book.values(t.at('D1:F1')), [['50%', 'TRUE', '42']]);
  });

  await op('batchUpdate: each range counted, and rows, columns, cells and tabs once each', async () => {
    const [a, b] = [await book.tab(), await book.tab()];
    const { data } = await api.spreadsheets.values.batchUpdate({
      spreadsheetId,
      requestBody: {
        valueInputOption: 'RAW',
        includeValuesInResponse: true,
        data: [
          { range: a.at('A1:D1'), values: [['A1', 'B1', '', 'D1']] },
          { range: a.at('A4:D4'), values: [['A4', 'B4', '', 'D4']] },
          { range: b.at('A1'), values: [[true]] },
        ],
      },
    });
    has(data, {
      spreadsheetId, totalUpdatedRows: 3, totalUpdatedColumns: 5, totalUpdatedCells: 9, totalUpdatedSheets: 2,
      responses: [
        { spreadsheetId, updatedRange: a.at('A1:D1'), updatedRows: 1, updatedColumns: 4, updatedCells: 4 },
        { updatedRange: a.at('A4:D4'), updatedData: { values: [['A4', 'B4', '', 'D4']] } },
        { updatedRange: b.at('A1'), updatedData: { range: b.at('A1'), majorDimension: 'ROWS', values: [['TRUE']] } },
      ],
    });
  });

  await op('clear: values go, and the range is named as far as the tab goes', async () => {
    const t = await book.tab([['a', 'b'], ['c', 'd']]);
    const { data } = await api.spreadsheets.values.clear({ spreadsheetId, range: t.at('B1:B') });
    assert.deepEqual(data, { spreadsheetId, clearedRange: t.at('B1:B20') });
    assert.deepEqual(await book.values(t.title), [['a'], ['c']]);
    const { data: all } = await api.spreadsheets.values.clear({ spreadsheetId, range: t.title });
    assert.equal(all.clearedRange, t.at('A1:H20'));
  });

  await op('batchClear', async () => {
    const t = await book.tab([['a', 'b'], ['c', 'd']]);
    const { data } = await api.spreadsheets.values.batchClear({ spreadsheetId, requestBody: { ranges: [t.at('A1'), t.at('B2:D9')] } });
    assert.deepEqual(data, { spreadsheetId, clearedRanges: [t.at('A1'), t.at('B2:D9')] });
    assert.deepEqual(await book.values(t.title), [['', 'b'], ['c']]);
  });

  await op('a number is written as JavaScript would read it back', async () => {
    const t = await book.tab();
    const numbers = [0, -0.5, 0.1, 1e-7, 1234567890123, 2 ** 53, 1.7976931348623157e308];
    await book.write(t.at('A1'), numbers.map((n) => [n]));
    assert.deepEqual((await book.values(t.at('A1:A7'), { valueRenderOption: 'UNFORMATTED_VALUE' })).flat(), numbers);
  });

  await op('50,000 characters fit a cell', async () => {
    const t = await book.tab();
    const long = '長'.repeat(50_000);
    await book.write(t.at('A1'), [[long]]);
    assert.equal((await book.values(t.at('A1')))[0][0], long);
  });

  await op('an answer is JSON in UTF-8, and alt, key and prettyPrint are taken', async () => {
    const answer = await raw('GET', `v4/spreadsheets/${spreadsheetId}/values/${tab.title}!A1?alt=json&key=x&prettyPrint=false`);
    assert.equal(answer.status, 200);
    assert.match(answer.type, /^application\/json; *charset=utf-8$/i);
    assert.deepEqual(answer.data.values, [['品名']]);
  });
}
