// Developer metadata, and values found by data filters.
import assert from 'node:assert/strict';
import { has, optional, refused } from './connect.mjs';

export default async function metadata(op, { api, book: create, doc: open }) {
  const book = await create();
  const spreadsheetId = book.id;
  const at = { spreadsheetId };
  const byId = (metadataId) => ({ developerMetadataLookup: { metadataId } });
  const byKey = (metadataKey) => ({ developerMetadataLookup: { metadataKey } });
  const mark = async (key, location, value) => {
    const [reply] = await book.batch({
      createDeveloperMetadata: {
        developerMetadata: { metadataKey: key, visibility: 'DOCUMENT', location, ...(value === undefined ? {} : { metadataValue: value }) },
      },
    });
    return reply.createDeveloperMetadata.developerMetadata;
  };
  const get = async (metadataId) => (await api.spreadsheets.developerMetadata.get({ ...at, metadataId })).data;
  const search = async (...dataFilters) => {
    const { data } = await api.spreadsheets.developerMetadata.search({ ...at, requestBody: { dataFilters } });
    return data.matchedDeveloperMetadata ?? [];
  };

  await op('createDeveloperMetadata on a row: an id is given, the kind of place named', async () => {
    const t = await book.tab();
    const made = await mark('Sales', { dimensionRange: t.rows(6, 7) }, '2022');
    assert.ok(Number.isInteger(made.metadataId) && made.metadataId > 0);
    assert.deepEqual(made, {
      metadataId: made.metadataId, metadataKey: 'Sales', metadataValue: '2022', visibility: 'DOCUMENT',
      location: { locationType: 'ROW', dimensionRange: t.rows(6, 7) },
    });
    assert.deepEqual(await get(made.metadataId), made);
  });

  await op('createDeveloperMetadata on a column, a tab and the book', async () => {
    const t = await book.tab();
    assert.deepEqual((await mark('c', { dimensionRange: t.columns(1, 2) })).location, { locationType: 'COLUMN', dimensionRange: t.columns(1, 2) });
    assert.deepEqual((await mark('s', { sheetId: t.id })).location, { locationType: 'SHEET', sheetId: t.id });
    assert.deepEqual((await mark('b', { spreadsheet: true })).location, { locationType: 'SPREADSHEET', spreadsheet: true });
    const info = await book.info();
    assert.deepEqual(info.developerMetadata.map((m) => m.metadataKey), ['b']);
    assert.deepEqual(info.sheets.find((s) => s.properties.sheetId === t.id).developerMetadata.map((m) => m.metadataKey), ['s']);
  });

  await op('createDeveloperMetadata with an id of its own, once', async () => {
    const t = await book.tab();
    const request = { createDeveloperMetadata: { developerMetadata: { metadataId: 77, metadataKey: 'k', visibility: 'DOCUMENT', location: { sheetId: t.id } } } };
    const [reply] = await book.batch(request);
    assert.equal(reply.createDeveloperMetadata.developerMetadata.metadataId, 77);
    await refused(book.batch(request), 400, 'INVALID_ARGUMENT', /requests\[0\]\.createDeveloperMetadata/);
  });

  await op('metadata follows its row as rows are inserted and deleted above', async () => {
    const t = await book.tab([['a'], ['b'], ['c']]);
    const { metadataId } = await mark('follow', { dimensionRange: t.rows(2, 3) });
    await book.batch({ insertDimension: { range: t.rows(0, 2) } });
    assert.deepEqual((await get(metadataId)).location.dimensionRange, t.rows(4, 5));
    await book.batch({ deleteDimension: { range: t.rows(1, 2) } });
    assert.deepEqual((await get(metadataId)).location.dimensionRange, t.rows(3, 4));
    await book.batch({ moveDimension: { source: t.rows(3, 4), destinationIndex: 0 } });
    assert.deepEqual((await get(metadataId)).location.dimensionRange, t.rows(0, 1));
  });

  await op('metadata goes with its row, and with its tab', async () => {
    const t = await book.tab();
    const row = await mark('gone', { dimensionRange: t.rows(2, 3) });
    const sheet = await mark('gone', { sheetId: t.id });
    await book.batch({ deleteDimension: { range: t.rows(2, 3) } });
    await refused(get(row.metadataId), 404, 'NOT_FOUND', new RegExp(`No developer metadata with ID ${row.metadataId}`, 'i'));
    await book.batch({ deleteSheet: { sheetId: t.id } });
    await refused(get(sheet.metadataId), 404, 'NOT_FOUND');
  });

  await op('developerMetadata.search: by id, key, value and place; each match with its filters', async () => {
    const t = await book.tab();
    const one = await mark('find', { dimensionRange: t.rows(0, 1) }, '甲');
    const two = await mark('find', { dimensionRange: t.rows(1, 2) }, '乙');
    const ids = (found) => found.map((m) => m.developerMetadata.metadataId).sort();
    assert.deepEqual(await search(byId(one.metadataId)), [{ developerMetadata: one, dataFilters: [byId(one.metadataId)] }]);
    assert.deepEqual(ids(await search(byKey('find'))), [one.metadataId, two.metadataId].sort());
    assert.deepEqual(ids(await search({ developerMetadataLookup: { metadataKey: 'find', metadataValue: '乙' } })), [two.metadataId]);
    assert.deepEqual(ids(await search({ developerMetadataLookup: { metadataKey: 'find', locationType: 'COLUMN' } })), []);
    const place = { metadataLocation: { dimensionRange: t.rows(1, 2) }, locationMatchingStrategy: 'EXACT_LOCATION' };
    assert.deepEqual(ids(await search({ developerMetadataLookup: place })), [two.metadataId]);
    assert.deepEqual(await search(byKey('no such key')), []);
  });

  await op('developerMetadata.search by A1 range and grid range', optional('a1Range', async () => {
    const t = await book.tab();
    const { metadataId: one } = await mark('range', { dimensionRange: t.rows(0, 1) });
    const { metadataId: two } = await mark('range', { dimensionRange: t.rows(1, 2) });
    const found = async (filter) => (await search(filter)).map((m) => m.developerMetadata.metadataId);
    assert.deepEqual(await found({ a1Range: t.at('1:1') }), [one]);
    assert.deepEqual(await found({ gridRange: t.grid(1, 2, 0, 8) }), [two]);
  }));

  await op('searchDeveloperMetadata of google-spreadsheet', async () => {
    const t = await book.tab();
    const { metadataId } = await mark('client', { dimensionRange: t.rows(0, 1) });
    assert.deepEqual((await open(spreadsheetId).searchDeveloperMetadata([byKey('client')])).map((m) => m.metadataId), [metadataId]);
  });

  await op('updateDeveloperMetadata: the fields named, for all that match', async () => {
    const t = await book.tab();
    const one = await mark('up', { dimensionRange: t.rows(0, 1) }, '1');
    const [reply] = await book.batch({
      updateDeveloperMetadata: { dataFilters: [byId(one.metadataId)], developerMetadata: { metadataValue: '2', metadataKey: 'not this' }, fields: 'metadataValue' },
    });
    assert.deepEqual(reply.updateDeveloperMetadata.developerMetadata, [{ ...one, metadataValue: '2' }]);
    const [moved] = await book.batch({
      updateDeveloperMetadata: { dataFilters: [byId(one.metadataId)], developerMetadata: { location: { sheetId: t.id }, metadataKey: 'up2' }, fields: 'location,metadataKey' },
    });
    has(moved.updateDeveloperMetadata.developerMetadata, [{ metadataKey: 'up2', metadataValue: '2', location: { locationType: 'SHEET', sheetId: t.id } }]);
  });

  await op('deleteDeveloperMetadata: what was deleted is answered, and gone', async () => {
    const t = await book.tab();
    const one = await mark('del', { dimensionRange: t.rows(0, 1) });
    const [reply] = await book.batch({ deleteDeveloperMetadata: { dataFilter: byKey('del') } });
    assert.deepEqual(reply.deleteDeveloperMetadata.deletedDeveloperMetadata, [one]);
    await refused(get(one.metadataId), 404, 'NOT_FOUND');
  });

  await op('batchGetByDataFilter: an A1 range, a grid range and a marked row', async () => {
    const t = await book.tab([['a', 'b'], ['c', 'd'], ['e', 'f']]);
    const { metadataId } = await mark('row', { dimensionRange: t.rows(2, 3) });
    const filters = [{ a1Range: t.at('A1') }, { gridRange: t.grid(1, 2, 0, 2) }, byId(metadataId)];
    const { data } = await api.spreadsheets.values.batchGetByDataFilter({ ...at, requestBody: { dataFilters: filters, valueRenderOption: 'UNFORMATTED_VALUE' } });
    assert.equal(data.spreadsheetId, spreadsheetId);
    const found = Object.fromEntries(data.valueRanges.map((v) => [v.valueRange.range, v]));
    assert.deepEqual(found, {
      [t.at('A1')]: { valueRange: { range: t.at('A1'), majorDimension: 'ROWS', values: [['a']] }, dataFilters: [filters[0]] },
      [t.at('A2:B2')]: { valueRange: { range: t.at('A2:B2'), majorDimension: 'ROWS', values: [['c', 'd']] }, dataFilters: [filters[1]] },
      [t.at('A3:H3')]: { valueRange: { range: t.at('A3:H3'), majorDimension: 'ROWS', values: [['e', 'f']] }, dataFilters: [filters[2]] },
    });
  });

  await op('batchUpdateByDataFilter: a marked row found after it moved', async () => {
    const t = await book.tab([['a', 'b'], ['W-24', '74', 'kept']]);
    const { metadataId } = await mark('w', { dimensionRange: t.rows(1, 2) });
    await book.batch({ insertDimension: { range: t.rows(0, 3) } });
    const { data } = await api.spreadsheets.values.batchUpdateByDataFilter({
      ...at,
      requestBody: {
        valueInputOption: 'USER_ENTERED', includeValuesInResponse: true,
        data: [{ dataFilter: byId(metadataId), majorDimension: 'ROWS', values: [['W-24', '84']] }],
      },
    });
    assert.deepEqual(data, {
      spreadsheetId, totalUpdatedRows: 1, totalUpdatedColumns: 2, totalUpdatedCells: 2, totalUpdatedSheets: 1,
      responses: [{
        updatedRange: t.at('A5:B5'), updatedRows: 1, updatedColumns: 2, updatedCells: 2, dataFilter: byId(metadataId),
        updatedData: { range: t.at('A5:H5'), majorDimension: 'ROWS', values: [['W-24', '84', 'kept']] },
      }],
    });
  });

  await op('batchUpdateByDataFilter: by A1 range and by grid range', async () => {
    const t = await book.tab();
    const { data } = await api.spreadsheets.values.batchUpdateByDataFilter({
      ...at,
      requestBody: {
        valueInputOption: 'RAW',
        data: [
          { dataFilter: { a1Range: t.at('A1:B1') }, values: [['a', 'b']] },
          { dataFilter: { gridRange: t.grid(2, 4, 1, 2) }, majorDimension: 'COLUMNS', values: [['c', 'd']] },
        ],
      },
    });
    assert.deepEqual(data.responses.map((r) => r.updatedRange), [t.at('A1:B1'), t.at('B3:B4')]);
    assert.deepEqual(await book.values(t.title), [['a', 'b'], [], ['', 'c'], ['', 'd']]);
  });

  await op('batchClearByDataFilter', async () => {
    const t = await book.tab([['a', 'b'], ['c', 'd'], ['e', 'f']]);
    const { metadataId } = await mark('clear', { dimensionRange: t.rows(0, 1) });
    const { data } = await api.spreadsheets.values.batchClearByDataFilter({
      ...at, requestBody: { dataFilters: [byId(metadataId), { a1Range: t.at('B2') }, { gridRange: t.grid(2, 3, 0, 1) }] },
    });
    assert.equal(data.spreadsheetId, spreadsheetId);
    assert.deepEqual([...data.clearedRanges].sort(), [t.at('A1:H1'), t.at('A3'), t.at('B2')]);
    assert.deepEqual(await book.values(t.title), [[], ['c'], ['', 'f']]);
  });

  await op('getByDataFilter: the tab of a marked row, with the row', async () => {
    const t = await book.tab([['a'], ['b', 'c']]);
    const { metadataId } = await mark('grid', { dimensionRange: t.rows(1, 2) });
    const { data } = await api.spreadsheets.getByDataFilter({ ...at, requestBody: { dataFilters: [byId(metadataId)], includeGridData: true } });
    assert.deepEqual(data.sheets.map((s) => s.properties.title), [t.title]);
    assert.deepEqual(data.sheets[0].data[0].rowData[0].values.slice(0, 2).map((v) => v.formattedValue), ['b', 'c']);
    assert.equal(data.sheets[0].data[0].startRow, 1);
  });
}
