import { expect } from 'chai';
import type { CommandLine, StopSignal } from '../../src/cli/command-line.ts';
import { start } from '../../src/cli/start.ts';

describe('Signals to ottla start', () => {
  it('stop it once it has started, and the second one ends it at once', async () => {
    let signal: (name: StopSignal) => void = () => undefined;
    const exits: number[] = [];
    const commandLine: CommandLine = {
      args: [],
      environment: {},
      processId: 1,
      isColored: false,
      print: () => undefined,
      complain: () => undefined,
      onSignal: (action) => {
        signal = action;
      },
      exit: (code) => exits.push(code),
    };
    const ended = start({ set: new Map(), json: true, quiet: true, durability: 'memory', port: 0 }, commandLine);
    signal('SIGTERM');
    expect(exits).to.deep.equal([]);
    signal('SIGINT');
    expect(exits).to.deep.equal([130]);
    expect(await ended).to.equal(0);
  });
});
