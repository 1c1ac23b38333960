// Lines about denials, logins and administrators: whole, few, and never of anybody's making but ours.
import { expect } from 'chai';
import { escaped, SecurityLog } from '../../../src/broker/security/audit-log.ts';
import { LimitedLog } from '../../../src/broker/network/limited-log.ts';
import type { LogFields } from '../../../src/runtime/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { contextOf } from '../../api-handlers/recorded.ts';

interface Line {
  readonly message: string;
  readonly fields: LogFields | undefined;
}

function logOf(): { log: SecurityLog; lines: Line[] } {
  const lines: Line[] = [];
  const logger = {
    log: (_level: string, message: string, fields?: LogFields) => void lines.push({ message, fields }),
    child: () => logger,
  };
  return { log: new SecurityLog(new LimitedLog(logger, new SimClock({ nextTurn: () => Promise.resolve() }))), lines };
}

describe('The security log', () => {
  it('says who was refused what, by which listener, and in which request', () => {
    const { log, lines } = logOf();
    log.denied(contextOf(3, 12), { operation: 'READ', resource: 'TOPIC', name: 'orders' });
    expect(lines).to.deep.equal([
      {
        message: 'denied',
        fields: {
          principal: 'User:ANONYMOUS',
          listener: 'PLAINTEXT',
          client: '127.0.0.1',
          clientId: 'probe',
          api: 'Metadata',
          version: 12,
          correlationId: 1,
          operation: 'READ',
          resource: 'TOPIC',
          name: 'orders',
        },
      },
    ]);
  });

  it('says who logged in, who did not, and what administrators asked', () => {
    const { log, lines } = logOf();
    const { session } = contextOf(0, 0);
    log.login(session, 'PLAIN');
    log.loginFailed(session, 'PLAIN', 'wrong password');
    log.admin(contextOf(30, 3));
    expect(lines.map(({ message, fields }) => [message, fields?.['mechanism'] ?? fields?.['api']])).to.deep.equal([
      ['login', 'PLAIN'],
      ['login failed', 'PLAIN'],
      ['admin request', 'CreateAcls'],
    ]);
  });

  it('cannot be made to say what others want', () => {
    const { log, lines } = logOf();
    const context = { ...contextOf(3, 12), clientId: 'x\n2026 INFO admin logged in\u001b[31m\u2028\u202e' };
    log.denied(context, { operation: 'READ', resource: 'TOPIC', name: `a\r\n${'b'.repeat(5000)}` });
    const text = JSON.stringify(lines);
    expect(lines[0]?.fields?.['clientId']).to.equal('x\\u000a2026 INFO admin logged in\\u001b[31m\\u2028\\u202e');
    expect(text.length).to.be.lessThan(1000);
    expect(escaped('\\n'), 'an escape of one’s own is none').to.equal('\\u005cn');
    expect(escaped('\ud800a\udc00'), 'halves of characters').to.equal('\\ud800a\\udc00');
    expect(escaped('grün 🙂')).to.equal('grün 🙂');
  });

  it('writes few lines for a flood, and those of others all the same', () => {
    const { log, lines } = logOf();
    const asked = contextOf(3, 12);
    const denial = { operation: 'READ', resource: 'TOPIC', name: 'orders' } as const;
    for (let at = 0; at < 1000; at++) log.denied(asked, denial);
    log.denied({ ...asked, session: { ...asked.session, principal: 'User:bob' } }, denial);
    expect(lines.length).to.be.lessThan(10);
    expect(lines.at(-1)?.fields?.['principal']).to.equal('User:bob');
  });
});
