// What is refused, with Google's error object and, where programs match on it, Google's wording. And what a smaller
// server may lack: it must then say so and name it, never take a request and drop what it asks for.
import assert from 'node:assert/strict';
import { refused } from './connect.mjs';

export default async function refusals(op, { api, book: create, raw }) {
  const book = await create();
  const spreadsheetId = book.id;
  const t = await book.tab([['a', 'b'], ['c', 'd']]);
  const bad = (call, message) => refused(call, 400, 'INVALID_ARGUMENT', message);
  const sent = async (method, path, body) => {
    const { status, type, data } = await raw(method, `v4/spreadsheets/${path}`, body);
    assert.match(type, /^application\/json/);
    assert.equal(data.error?.code, status, JSON.stringify(data));
    return data.error;
  };
  const malformed = async (answer, message) => {
    const error = await answer;
    assert.deepEqual([error.code, error.status], [400, 'INVALID_ARGUMENT']);
    assert.match(error.message, message);
    return error;
  };

  await op('an unknown book', async () => {
    const other = '1nowhere000000000000000000000000000000000000';
    for (const call of [
      () => api.spreadsheets.get({ spreadsheetId: other }),
      () => api.spreadsheets.values.get({ spreadsheetId: other, range: 'Sheet1!A1' }),
      () => api.spreadsheets.batchUpdate({ spreadsheetId: other, requestBody: { requests: [{ addSheet: {} }] } }),
    ]) await refused(call(), 404, 'NOT_FOUND', 'Requested entity was not found.');
  });

  await op('an unknown tab, read, written, appended to and cleared', async () => {
    const at = { spreadsheetId, range: 'NoTab!A1' };
    const writing = { ...at, valueInputOption: 'RAW', requestBody: { values: [['x']] } };
    const { values } = api.spreadsheets;
    for (const [method, call] of [['get', at], ['update', writing], ['append', writing], ['clear', at]]) {
      await bad(values[method](call), 'Unable to parse range: NoTab!A1');
    }
    await bad(values.batchGet({ spreadsheetId, ranges: [t.at('A1'), 'NoTab!A1'] }), 'Unable to parse range: NoTab!A1');
  });

  await op('a range that is none', async () => {
    for (const range of ['A1:B2:C3', `${t.title}!`, `${t.title}!A0`, `${t.title}!1A`, `'${t.title}!A1`, '!A1']) {
      await bad(book.read(range), /^Unable to parse range: /);
    }
  });

  await op('a range that starts outside the grid, read and written', async () => {
    for (const cell of ['A21', 'I1']) {
      const message = `Range (${t.at(cell)}) exceeds grid limits. Max rows: 20, max columns: 8`;
      await bad(book.read(t.at(cell)), message);
      await bad(book.write(t.at(cell), [['x']]), message);
    }
  });

  await op('values that do not fit the range, or the grid', async () => {
    await bad(book.write(t.at('A1:B1'), [['x', 'y', 'z']]), `Requested writing within range [${t.at('A1:B1')}], but tried writing to column [C]`);
    await bad(book.write(t.at('A1:B1'), [['x'], ['y']]), `Requested writing within range [${t.at('A1:B1')}], but tried writing to row [2]`);
    for (const [cell, values] of [['A20', [['x'], ['y']]], ['H1', [['x', 'y']]]]) {
      await bad(book.write(t.at(cell), values), /tried writing to (row \[21\]|column \[I\])$|exceeds grid limits\. Max rows: 20, max columns: 8$/);
    }
    assert.deepEqual(await book.values(t.title), [['a', 'b'], ['c', 'd']]);
  });

  await op('a body whose range is another than the one in the address', async () => {
    const call = api.spreadsheets.values.update({ spreadsheetId, range: t.at('A1'), valueInputOption: 'RAW', requestBody: { range: t.at('A2'), values: [['x']] } });
    await bad(call, `Request range[${t.at('A1')}] does not match value's range[${t.at('A2')}]`);
  });

  await op('50,001 characters in a cell', async () => {
    const long = [['x'.repeat(50_001)]];
    const message = /Your input contains more than the maximum of 50000 characters in a single cell\.$/;
    await bad(book.write(t.at('A1'), long), message);
    await bad(api.spreadsheets.values.append({ spreadsheetId, range: t.title, valueInputOption: 'RAW', requestBody: { values: long } }), message);
    await bad(book.batch({ updateCells: { start: { sheetId: t.id }, fields: 'userEnteredValue', rows: [{ values: [{ userEnteredValue: { stringValue: long[0][0] } }] }] } }), message);
    assert.deepEqual(await book.values(t.at('A1')), [['a']]);
  });

  await op('no valueInputOption, and one that does not exist', async () => {
    const put = (query) => sent('PUT', `${spreadsheetId}/values/${t.at('A1')}${query}`, { values: [['x']] });
    await malformed(put(''), /^'valueInputOption' is required but not specified$/);
    await malformed(put('?valueInputOption=TYPED'), /^Invalid value at 'value_input_option' \(type\.googleapis\.com\/google\.apps\.sheets\.v4\.ValueInputOption\), "TYPED"$/);
  });

  await op('values that are no rows of cells', async () => {
    const put = (body) => sent('PUT', `${spreadsheetId}/values/${t.at('A1')}?valueInputOption=RAW`, body);
    await malformed(put({ values: 'x' }), /^Invalid value at 'data\.values' \(type\.googleapis\.com\/google\.protobuf\.ListValue\), "x"$/);
    await malformed(put({ values: ['x'] }), /^Invalid value at 'data\.values\[0\]' \(type\.googleapis\.com\/google\.protobuf\.ListValue\), "x"$/);
    await malformed(put({ values: [['x', { y: 1 }]] }), /^Invalid values\[0\]\[1\]: struct_value/);
    await malformed(put({ values: [['x'], [['y']]] }), /^Invalid values\[1\]\[0\]: list_value/);
    assert.deepEqual(await book.values(t.at('A1')), [['a']]);
  });

  await op('an unknown JSON field is named, with its place', async () => {
    const error = await malformed(
      sent('POST', `${spreadsheetId}:batchUpdate`, { requests: [{ frobnicate: {} }] }),
      /^Invalid JSON payload received\. Unknown name "frobnicate" at 'requests\[0\]': Cannot find field\.$/,
    );
    assert.equal(error.details?.[0]?.['@type'], 'type.googleapis.com/google.rpc.BadRequest');
    assert.equal(error.details[0].fieldViolations[0].field, 'requests[0]');
    await malformed(sent('POST', '', { property: {} }), /Unknown name "property"/);
    await malformed(sent('POST', `${spreadsheetId}:batchUpdate`, { requests: [{ addSheet: { properties: { titel: 'x' } } }] }), /Unknown name "titel" at 'requests\[0\]\.add_sheet\.properties'/);
  });

  await op('a JSON value of the wrong kind, a number out of range, an enum value that is none', async () => {
    const batch = (request) => sent('POST', `${spreadsheetId}:batchUpdate`, { requests: [request] });
    await malformed(batch({ deleteSheet: { sheetId: 'abc' } }), /Invalid value at 'requests\[0\]\.delete_sheet\.sheet_id' \(TYPE_INT32\), "abc"/);
    await malformed(batch({ deleteSheet: { sheetId: 2 ** 40 } }), /Invalid value at 'requests\[0\]\.delete_sheet\.sheet_id'/);
    await malformed(batch({ deleteDimension: { range: { sheetId: t.id, dimension: 'LINES' } } }), /Invalid value at 'requests\[0\]\.delete_dimension\.range\.dimension'.*"LINES"/);
    await malformed(sent('POST', `${spreadsheetId}:batchUpdate`, { requests: 'all' }), /Invalid value at 'requests'/);
    await malformed(batch({ deleteSheet: { sheetId: 1 }, addSheet: {} }), /oneof field 'kind' is already set/);
  });

  await op('broken JSON', async () => {
    for (const body of ['{', '{"requests": [}', '[]', '"x"']) await malformed(sent('POST', `${spreadsheetId}:batchUpdate`, body), /\S/);
  });

  await op('an unknown query parameter, and fields that do not exist', async () => {
    await malformed(sent('GET', `${spreadsheetId}?frobnicate=1`), /Unknown name "frobnicate"/);
    const error = await malformed(sent('GET', `${spreadsheetId}?fields=sheets.titel`), /\S/);
    assert.match(JSON.stringify(error), /titel/);
  });

  await op('a batch of nothing', async () => {
    await bad(api.spreadsheets.batchUpdate({ spreadsheetId, requestBody: { requests: [] } }), 'Must specify at least one request.');
  });

  await op('tabs: a name taken, an id taken, the last one deleted or hidden', async () => {
    await bad(book.batch({ addSheet: { properties: { title: t.title } } }), `Invalid requests[0].addSheet: A sheet with the name "${t.title}" already exists. Please enter another name.`);
    await bad(book.batch({ addSheet: { properties: { sheetId: t.id } } }), /^Invalid requests\[0\]\.addSheet: /);
    const alone = await create();
    await bad(alone.batch({ deleteSheet: { sheetId: 0 } }), /^Invalid requests\[0\]\.deleteSheet: You can't remove all the (visible )?sheets in a document\.$/);
    await bad(alone.batch({ updateSheetProperties: { properties: { sheetId: 0, hidden: true }, fields: 'hidden' } }), "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document.");
  });

  await op('rows of a tab that does not exist, and of no tab', async () => {
    await bad(book.batch({ insertDimension: { range: { ...t.rows(0, 1), sheetId: 987 } } }), 'Invalid requests[0].insertDimension: No grid with id: 987');
    await bad(book.batch({ deleteDimension: { range: t.rows(0, 20) } }), /^Invalid requests\[0\]\.deleteDimension: /);
    await bad(book.batch({ insertDimension: { range: t.rows(0, 1), inheritFromBefore: true } }), /^Invalid requests\[0\]\.insertDimension: /);
  });

  await op('no fields to update', async () => {
    const message = "Invalid requests[0].updateCells: At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)";
    await bad(book.batch({ updateCells: { start: { sheetId: t.id }, rows: [] } }), message);
    await bad(book.batch({ updateSheetProperties: { properties: { sheetId: t.id, title: 'x' } } }), /At least one field must be listed in 'fields'/);
  });

  await op('metadata without a key, a visibility or a place', async () => {
    const whole = { metadataKey: 'k', visibility: 'DOCUMENT', location: { sheetId: t.id } };
    for (const part of ['metadataKey', 'visibility', 'location']) {
      const { [part]: _, ...developerMetadata } = whole;
      await bad(book.batch({ createDeveloperMetadata: { developerMetadata } }), /^Invalid requests\[0\]\.createDeveloperMetadata: /);
    }
    await bad(book.batch({ createDeveloperMetadata: { developerMetadata: { ...whole, location: { dimensionRange: t.rows(0, 2) } } } }), /^Invalid requests\[0\]\.createDeveloperMetadata: /);
  });

  // Each is taken, and then seen in the book, or refused by its name with nothing changed.
  const range = t.grid(0, 1, 0, 2);
  const sheet = (name) => (s) => s[name] !== undefined;
  for (const [name, request, seen] of [
    ['mergeCells', { range, mergeType: 'MERGE_ALL' }, sheet('merges')],
    ['setDataValidation', { range, rule: { condition: { type: 'BOOLEAN' } } }, (s) => JSON.stringify(s).includes('dataValidation')],
    ['addChart', { chart: { spec: { title: 'c', basicChart: { chartType: 'LINE' } }, position: { overlayPosition: { anchorCell: { sheetId: t.id } } } } }, sheet('charts')],
    ['addTable', { table: { name: 'T', range: t.grid(0, 2, 0, 2) } }, sheet('tables')],
    ['addConditionalFormatRule', { rule: { ranges: [range], booleanRule: { condition: { type: 'NOT_BLANK' }, format: { textFormat: { bold: true } } } }, index: 0 }, sheet('conditionalFormats')],
    ['addProtectedRange', { protectedRange: { range, warningOnly: true } }, sheet('protectedRanges')],
    ['addFilterView', { filter: { title: 'f', range } }, sheet('filterViews')],
    ['setBasicFilter', { filter: { range } }, sheet('basicFilter')],
    ['addBanding', { bandedRange: { range, rowProperties: { firstBandColor: { red: 1 }, secondBandColor: { blue: 1 } } } }, sheet('bandedRanges')],
    ['addDimensionGroup', { range: t.rows(0, 1) }, sheet('rowGroups')],
    ['updateBorders', { range, top: { style: 'SOLID' } }, (s) => JSON.stringify(s).includes('borders')],
    ['updateDimensionProperties', { range: t.rows(0, 1), properties: { pixelSize: 77 }, fields: 'pixelSize' }, (s) => JSON.stringify(s).includes('"pixelSize":77')],
    ['repeatCell', { range, cell: { note: 'r' }, fields: 'note' }, (s) => JSON.stringify(s).includes('"note":"r"')],
    ['copyPaste', { source: range, destination: t.grid(5, 6, 0, 2), pasteType: 'PASTE_VALUES' }, (s) => s.data[0].rowData[5]?.values[0].formattedValue === 'a'],
    ['cutPaste', { source: range, destination: { sheetId: t.id, rowIndex: 8 }, pasteType: 'PASTE_NORMAL' }, (s) => s.data[0].rowData[8]?.values[0].formattedValue === 'a'],
    ['pasteData', { coordinate: { sheetId: t.id, rowIndex: 10 }, data: 'p,q', delimiter: ',', type: 'PASTE_VALUES' }, (s) => s.data[0].rowData[10]?.values[1].formattedValue === 'q'],
    ['autoFill', { range: t.grid(1, 4, 0, 1) }, () => true],
    ['textToColumns', { source: t.grid(1, 2, 0, 1), delimiter: ',', delimiterType: 'COMMA' }, () => true],
    ['trimWhitespace', { range }, () => true],
    ['deleteDuplicates', { range: t.grid(0, 5, 0, 2) }, () => true],
    ['randomizeRange', { range }, () => true],
    ['autoResizeDimensions', { dimensions: t.columns(0, 1) }, () => true],
    ['insertComment', { coordinate: { sheetId: t.id }, content: 'c' }, (s) => s.commentAnchors !== undefined],
  ]) {
    await op(`${name}: taken and seen, or refused by its name`, async () => {
      const before = await book.info({ includeGridData: true });
      const error = await book.batch({ [name]: request }).then(() => undefined, (e) => e.response?.data?.error ?? assert.fail(e));
      const after = await book.info({ includeGridData: true });
      if (error === undefined) {
        assert.ok(seen(after.sheets.find((s) => s.properties.sheetId === t.id)), 'taken, and nothing of it is to be seen');
        return;
      }
      assert.ok([400, 501].includes(error.code), JSON.stringify(error));
      assert.ok(error.message.includes(name), `the refusal does not name ${name}: ${error.message}`);
      assert.deepEqual(after, before);
    });
  }

  await op('an unsupported request in a batch: nothing of the batch is applied', async () => {
    const call = book.batch({ addSheet: { properties: { title: 'stray' } } }, { addSlicer: { slicer: { spec: {} } } });
    await call.then(() => assert.fail('a slicer without a place was taken'), (e) => assert.ok(e.response.data.error.message.includes('addSlicer')));
    assert.ok(!(await book.info()).sheets.some((s) => s.properties.title === 'stray'));
  });

  await op('a format: kept, or refused by its name', async () => {
    const request = { updateCells: { range, fields: 'userEnteredFormat.textFormat.bold', rows: [{ values: [{ userEnteredFormat: { textFormat: { bold: true } } }] }] } };
    const error = await book.batch(request).then(() => undefined, (e) => e.response.data.error);
    if (error) assert.match(error.message, /userEnteredFormat|textFormat/);
    else {
      const { sheets } = await book.info({ ranges: [t.at('A1')], fields: 'sheets.data.rowData.values.userEnteredFormat' });
      assert.equal(sheets[0].data[0].rowData[0].values[0].userEnteredFormat.textFormat.bold, true);
    }
  });

  await op('copyTo another book: copied, or refused by its name', async () => {
    const other = await create();
    const call = api.spreadsheets.sheets.copyTo({ spreadsheetId, sheetId: t.id, requestBody: { destinationSpreadsheetId: other.id } });
    const { data, error } = await call.then((r) => r, (e) => e.response.data);
    if (error) assert.match(error.message, /copyTo/);
    else assert.ok((await other.info()).sheets.some((s) => s.properties.sheetId === data.sheetId));
  });
}
