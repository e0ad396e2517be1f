// Doors to a server: google-spreadsheet documents, the generated API, and plain HTTP for what no client would send.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { sheets } from '@googleapis/sheets';
import { GoogleSpreadsheet } from 'google-spreadsheet';

export function connect(url, token) {
  const root = url.endsWith('/') ? url : `${url}/`;
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const auth = { getRequestHeaders: async () => headers };

  // A document's address is settable, the address for creating one is not: that call is led here.
  const fetched = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const asked = input instanceof Request ? input.url : String(input);
    const google = 'https://sheets.googleapis.com/';
    if (!asked.startsWith(google)) return fetched(input, init);
    const here = root + asked.slice(google.length);
    return fetched(input instanceof Request ? new Request(here, input) : here, init);
  };

  const api = sheets({
    version: 'v4', rootUrl: root, headers, retry: false, retryConfig: { retry: 0, noResponseRetries: 0 },
  });

  return {
    api,
    auth,

    // doc opens a book with google-spreadsheet; another auth may be one with an API key alone.
    doc(id, by = auth) {
      const doc = new GoogleSpreadsheet(id, by, { retryConfig: 0 });
      doc.sheetsApi = doc.sheetsApi.extend({ prefix: `${root}v4/spreadsheets/${id}` });
      return doc;
    },

    // raw sends what is given and returns status and JSON.
    async raw(method, path, body) {
      const response = await fetched(root + path, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
      });
      return { status: response.status, type: response.headers.get('content-type'), data: await response.json() };
    },

    async book(properties = { title: '台帳', locale: 'en_US', timeZone: 'Asia/Tokyo' }) {
      const { data } = await api.spreadsheets.create({ requestBody: { properties } });
      return new Book(api, data.spreadsheetId);
    },
  };
}

// Book is one spreadsheet, seen through the generated API.
export class Book {
  constructor(api, id) {
    this.api = api;
    this.id = id;
    this.tabs = 1;
  }

  // tab adds a small tab with values at A1. Its name needs no quotes, unless another is given.
  async tab(values = [], { title = `Sheet${++this.tabs}`, rowCount = 20, columnCount = 8 } = {}) {
    const [{ addSheet }] = await this.batch({ addSheet: { properties: { title, gridProperties: { rowCount, columnCount } } } });
    const tab = { title, id: addSheet.properties.sheetId, at: (range) => `${title}!${range}` };
    tab.rows = (from, to) => ({ sheetId: tab.id, dimension: 'ROWS', startIndex: from, endIndex: to });
    tab.columns = (from, to) => ({ ...tab.rows(from, to), dimension: 'COLUMNS' });
    tab.grid = (r1, r2, c1, c2) => ({
      sheetId: tab.id, startRowIndex: r1, endRowIndex: r2, startColumnIndex: c1, endColumnIndex: c2,
    });
    if (values.length) await this.write(tab.at('A1'), values);
    return tab;
  }

  async batch(...requests) {
    const { data } = await this.api.spreadsheets.batchUpdate({ spreadsheetId: this.id, requestBody: { requests } });
    assert.equal(data.spreadsheetId, this.id);
    assert.equal(data.replies.length, requests.length, 'one reply for each request');
    return data.replies;
  }

  async read(range, options = {}) {
    const { data } = await this.api.spreadsheets.values.get({ spreadsheetId: this.id, range, ...options });
    return data;
  }

  async values(range, options) {
    return (await this.read(range, options)).values;
  }

  async write(range, values, options = {}) {
    const { data } = await this.api.spreadsheets.values.update({
      spreadsheetId: this.id, range, valueInputOption: 'RAW', ...options, requestBody: { values },
    });
    return data;
  }

  async info(options = {}) {
    const { data } = await this.api.spreadsheets.get({ spreadsheetId: this.id, ...options });
    return data;
  }
}

// refused awaits a call that must fail, and compares Google's error object.
export async function refused(call, code, status, message) {
  const error = await call.then(
    (answer) => assert.fail(`taken, and answered ${JSON.stringify(answer?.data ?? answer)}`),
    (e) => e,
  );
  const answer = error?.response?.data?.error ?? error?.data?.error;
  if (!answer) throw error;
  assert.deepEqual({ code: answer.code, status: answer.status, http: error.response.status }, { code, status, http: code });
  if (message instanceof RegExp) assert.match(answer.message, message);
  else if (message !== undefined) assert.equal(answer.message, message);
  return answer;
}

// has compares the named members alone, however deep: a server may answer more than a test asks about.
export function has(actual, wanted, at = '') {
  if (wanted === null || typeof wanted !== 'object') {
    assert.ok(actual === wanted, `${at || 'value'}: want ${inspect(wanted)}, have ${inspect(actual)}`);
    return;
  }
  assert.ok(actual !== null && typeof actual === 'object', `${at || 'value'}: want ${inspect(wanted)}, have ${inspect(actual)}`);
  if (Array.isArray(wanted)) {
    assert.ok(actual.length === wanted.length, `${at || 'value'}: want ${wanted.length} items, have ${inspect(actual)}`);
  }
  for (const [key, value] of Object.entries(wanted)) has(actual[key], value, `${at}/${key}`);
}

// REFUSED is the result of an operation that a smaller server may lack, when it said so.
export const REFUSED = Symbol('refused by its name');

// optional runs an operation that is taken as Google takes it, or refused by an error that names the feature.
export const optional = (feature, act) => async () => {
  try {
    return await act();
  } catch (error) {
    const answer = error?.response?.data?.error ?? error?.data?.error;
    if (![400, 501].includes(answer?.code) || !answer.message.includes(feature)) throw error;
    return REFUSED;
  }
};
