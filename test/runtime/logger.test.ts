import { expect } from 'chai';
import { type LogLevel, silentLogger } from '../../src/runtime/index.ts';
import { textLogger } from '../../src/runtime/node/index.ts';

const atMs = new Date(2026, 10, 21, 11, 20, 33, 123).getTime();

function lines(level: LogLevel, use: (logger: ReturnType<typeof textLogger>) => void): string[] {
  const written: string[] = [];
  use(textLogger({ level, write: (line) => written.push(line), nowMs: () => atMs }));
  return written;
}

describe('Log lines', () => {
  it('hold time, level, component, message and facts', () => {
    const written = lines('info', (logger) => {
      logger.child('log').log('warn', 'Cut a torn tail', { partition: 'orders-0', bytes: 17, gone: undefined });
      logger.log('info', 'Ready');
    });
    expect(written).to.deep.equal([
      '2026-11-21 11:20:33.123 WARN  log: Cut a torn tail partition=orders-0 bytes=17\n',
      '2026-11-21 11:20:33.123 INFO  Ready\n',
    ]);
  });

  it('are one line each, whatever a peer sends', () => {
    const [line] = lines('debug', (logger) => logger.log('debug', 'bad\nname', { name: 'a\n2026 forged "x"' }));
    expect(line).to.equal('2026-11-21 11:20:33.123 DEBUG bad name name="a\\n2026 forged \\"x\\""\n');
  });

  it('are one object each for programs, whose fields hide none of its own', () => {
    const written: string[] = [];
    const logger = textLogger({
      format: 'json',
      write: (line) => written.push(line),
      nowMs: () => Date.UTC(2026, 10, 21),
    });
    logger.child('network').log('warn', 'refused\na "login"', { client: 'a\nb', level: 3, gone: undefined });
    expect(written.join('').split('\n')).to.have.length(2);
    expect(JSON.parse(written[0] as string)).to.deep.equal({
      time: '2026-11-21T00:00:00.000Z',
      level: 'warn',
      component: 'network',
      message: 'refused\na "login"',
      client: 'a\nb',
      level_: 3,
    });
  });

  it('are left out below the level, and all when silent', () => {
    expect(lines('warn', (logger) => logger.log('info', 'x'))).to.deep.equal([]);
    silentLogger.child('x').log('error', 'nobody hears');
  });
});
