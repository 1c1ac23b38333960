// `ottla format` and `ottla info` on directories of the machine: the words of kafka-storage.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatCommand, infoCommand } from '../../src/cli/format.ts';

const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';

describe('ottla info', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-info-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function settings(...names: string[]): string {
    const file = join(directory, 'server.properties');
    const logDirs = names.map((name) => join(directory, name)).join();
    writeFileSync(
      file,
      `node.id=1\nprocess.roles=broker\ncontroller.quorum.voters=2@localhost:1\nlog.dirs=${logDirs}\n`,
    );
    return file;
  }

  /** What a command prints, with the directory masked. */
  function said(command: typeof infoCommand, ...args: string[]): [number, string] {
    let text = '';
    const add = (more: string): void => void (text += more);
    const code = command(args, { print: add, complain: add });
    return [code, text.replaceAll(directory, '<dir>').replace(/directory.id=[^,]+/, 'directory.id=ID')];
  }

  it('names the one directory, and the metadata in it', () => {
    const config = settings('a');
    said(formatCommand, '-t', CLUSTER_ID, '-c', config);
    const metadata = `Found metadata: {cluster.id=${CLUSTER_ID}, directory.id=ID, node.id=1, version=1}\n\n`;
    expect(said(infoCommand, '-c', config)).to.deep.equal([0, `Found log directory:\n  <dir>/a\n\n${metadata}`]);
  });

  it('names several, and what is wrong with each', () => {
    const one = '  <dir>/a is not formatted.\n\n';
    const [code, text] = said(infoCommand, '-c', settings('a'));
    expect(code).to.equal(1);
    expect(text)
      .to.match(/^Found log directory:\n/)
      .and.to.satisfy((all: string) => all.endsWith(`Found problem:\n${one}`));
    const [, both] = said(infoCommand, '-c', settings('a', 'b'));
    expect(both).to.match(/^Found log directories:\n {2}<dir>\/a\n {2}<dir>\/b\n\nFound problems:\n/);
  });
});
