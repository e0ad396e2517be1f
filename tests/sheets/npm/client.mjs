// Drives a Sheets v4 server with the clients that people use, unmodified: google-spreadsheet, and @googleapis/sheets
// for what the former lacks. Every operation asserts what Google answers, so the same script tells a faithful server
// from one that is merely agreeable.
//
//   node client.mjs URL [TOKEN]
//
// prints TAP, one line an operation, and ends with 1 when one failed. Without TOKEN no credentials are sent.
import { connect } from './connect.mjs';
import { Tap } from './tap.mjs';
import append from './append.mjs';
import cells from './cells.mjs';
import dimensions from './dimensions.mjs';
import metadata from './metadata.mjs';
import refusals from './refusals.mjs';
import rows from './rows.mjs';
import values from './values.mjs';
import whole from './whole.mjs';

const [url, token] = process.argv.slice(2);
if (!url) {
  console.error('usage: node client.mjs URL [TOKEN]');
  process.exit(2);
}

const tap = new Tap(console.log);
const client = connect(url, token);
for (const group of [rows, cells, values, append, dimensions, metadata, whole, refusals]) {
  await tap.group(group, client);
}
process.exitCode = tap.end();
