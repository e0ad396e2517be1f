// Drives the published TypeScript client for a test: one command a line on stdin, one answer a line on stdout.
//
//   node sdk.mjs MODULES stdio COMMAND ARGUMENT...     the environment of the server is what SERVER_ENV holds, in JSON
//   node sdk.mjs MODULES http URL                      with the token that TOKEN holds
//
// The client is taken as it is: what it thinks of our answers (it checks them against the schemas that we list) comes
// out as its own error.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [modules, way, target, ...words] = process.argv.slice(2);
const need = createRequire(join(modules, 'from'));
const { Client } = need('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = need('@modelcontextprotocol/sdk/client/stdio.js');
const { StreamableHTTPClientTransport } = need('@modelcontextprotocol/sdk/client/streamableHttp.js');
const { ResourceUpdatedNotificationSchema } = need('@modelcontextprotocol/sdk/types.js');

const seen = { progress: 0, updates: [], faults: [] };
const client = new Client({ name: 'sdk', version: '1' });
client.onerror = (error) => seen.faults.push(String(error));
client.setNotificationHandler(ResourceUpdatedNotificationSchema, (n) => { seen.updates.push(n.params.uri); });

const transport = way === 'stdio'
  ? new StdioClientTransport({ command: target, args: words, env: JSON.parse(process.env.SERVER_ENV), stderr: 'inherit' })
  : new StreamableHTTPClientTransport(new URL(target), { requestInit: { headers: { Authorization: `Bearer ${process.env.TOKEN}` } } });

const commands = {
  hello: () => ({ server: client.getServerVersion(), capabilities: client.getServerCapabilities(), instructions: client.getInstructions() }),
  tools: () => client.listTools(),
  prompts: () => client.listPrompts(),
  prompt: (params) => client.getPrompt(params),
  templates: () => client.listResourceTemplates(),
  read: (params) => client.readResource(params),
  complete: (params) => client.complete(params),
  subscribe: (params) => client.subscribeResource(params),
  call: (params) => client.callTool(params, undefined, { timeout: 60_000, onprogress: () => { seen.progress++; } }),
  // cancel calls a tool and gives up on it with its first progress: by then it is in hand.
  cancel: (params) => {
    const control = new AbortController();
    return client.callTool(params, undefined, { signal: control.signal, onprogress: () => control.abort('given up') })
      .then(() => ({ cancelled: false }), () => ({ cancelled: true }));
  },
  seen: () => seen,
};

await client.connect(transport);
for await (const line of createInterface({ input: process.stdin })) {
  const { command, params } = JSON.parse(line);
  let answer;
  try {
    answer = { result: await commands[command](params) };
  } catch (error) {
    answer = { error: { code: error.code, message: String(error.message ?? error), data: error.data } };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
if (way === 'http') await transport.terminateSession();
await client.close();
