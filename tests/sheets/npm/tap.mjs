// Tap prints one line an operation, and for a failed one what was wanted and what came.
export class Tap {
  constructor(print) {
    this.print = print;
    this.count = 0;
    this.failed = 0;
    print('TAP version 13');
  }

  // op runs one operation and returns its result. A failure is printed and noted, and the next operation runs.
  op = async (name, act) => {
    this.count++;
    try {
      const result = await act();
      this.print(`ok ${this.count} - ${name}${typeof result === 'symbol' ? ` (${result.description})` : ''}`);
      return result;
    } catch (error) {
      this.failed++;
      this.print(`not ok ${this.count} - ${name}`);
      for (const line of explain(error).split('\n')) this.print(`#   ${line}`);
      return undefined;
    }
  };

  // group runs the operations of one file. What they share is made outside any operation; if that fails, the group
  // counts as one failed operation.
  async group(act, client) {
    this.print(`# ${act.name}`);
    try {
      await act(this.op, client);
    } catch (error) {
      await this.op(`${act.name}: the ground for its operations`, () => { throw error; });
    }
  }

  end() {
    this.print(`1..${this.count}`);
    this.print(`# ${this.count - this.failed} as Google answers, ${this.failed} not`);
    return this.failed ? 1 : 0;
  }
}

function explain(error) {
  const answer = error?.response?.data?.error ?? error?.data?.error;
  const place = String(error?.stack ?? '').split('\n').filter((l) => /\/npm\/[a-z]+\.mjs/.test(l) && !/tap\.mjs|connect\.mjs/.test(l));
  return [
    String(error?.message ?? error),
    ...(answer ? [`answered: ${JSON.stringify(answer)}`] : []),
    ...place.slice(0, 1).map((l) => l.trim()),
  ].join('\n');
}
