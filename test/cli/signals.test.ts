import { expect } from 'chai';
import type { CommandLine, StopSignal } from '../../src/cli/command-line.ts';
import { start } from '../../src/cli/start.ts';

function started(environment: Record<string, string>) {
  let send: (name: StopSignal) => void = () => undefined;
  const exits: number[] = [];
  const commandLine: CommandLine = {
    args: [],
    environment,
    processId: 1,
    isColored: false,
    print: () => undefined,
    complain: () => undefined,
    onSignal: (action) => {
      send = action;
    },
    exit: (code) => void exits.push(code),
  };
  const ended = start({ set: new Map(), json: true, quiet: true, durability: 'memory', port: 0 }, commandLine);
  return { ended, exits, signal: (name: StopSignal) => send(name) };
}

describe('Signals to ottla start', () => {
  it('count once under npm start, which passes on what the terminal has sent already', async () => {
    const { ended, signal, exits } = started({ npm_lifecycle_event: 'start' });
    signal('SIGINT');
    signal('SIGINT');
    expect(await ended).to.equal(0);
    expect(exits).to.deep.equal([]);
  });

  it('stop it once it has started, and the second one ends it at once', async () => {
    const { ended, signal, exits } = started({});
    signal('SIGTERM');
    expect(exits).to.deep.equal([]);
    signal('SIGINT');
    expect(exits).to.deep.equal([130]);
    expect(await ended).to.equal(0);
  });
});
