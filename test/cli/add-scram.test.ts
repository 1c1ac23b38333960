// `ottla format --add-scram`: what is taken, and what is written of it.
import { expect } from 'chai';
import { scramRecordOf } from '../../src/cli/add-scram.ts';
import { scramKeys, saltedPassword } from '../../src/protocol/sasl/index.ts';
import { nodeRandom } from '../../src/runtime/node/index.ts';

describe('format --add-scram', () => {
  it('makes the credentials that the password has', async () => {
    const record = scramRecordOf(
      'SCRAM-SHA-512=[name=alice,password="a, secret",salt="c2FsdA==",iterations=5000]',
      nodeRandom,
    );
    const salted = await saltedPassword('SCRAM-SHA-512', 'a, secret', Buffer.from('salt'), 5000);
    expect(record).to.deep.include({
      name: 'alice',
      mechanism: 2,
      iterations: 5000,
      ...scramKeys('SCRAM-SHA-512', salted),
    });
  });

  it('takes a salted password with its salt', () => {
    const text = 'SCRAM-SHA-256=[name=bob,saltedpassword="qqqq",salt="c2FsdA=="]';
    const record = scramRecordOf(text, nodeRandom);
    expect(record).to.deep.include(scramKeys('SCRAM-SHA-256', Buffer.from('qqqq', 'base64')));
  });

  for (const [text, named] of [
    ['SCRAM-SHA-256', 'MECHANISM=['],
    ['SCRAM-SHA-1=[name=a,password=hidden]', 'SCRAM-SHA-1'],
    ['SCRAM-SHA-256=[password=hidden]', 'name'],
    ['SCRAM-SHA-256=[name=a]', 'password'],
    ['SCRAM-SHA-256=[name=a,password=hidden,saltedpassword=hidden]', 'either'],
    ['SCRAM-SHA-256=[name=a,saltedpassword=hidden]', 'salt'],
    ['SCRAM-SHA-256=[name=a,password=hidden,iterations=4095]', '4096'],
    ['SCRAM-SHA-256=[name=a,password=hidden,colour=red]', 'colour'],
  ] as const) {
    it(`refuses ${text.replace(/hidden/g, '...')} without repeating a password`, () => {
      expect(() => scramRecordOf(text, nodeRandom))
        .to.throw(named)
        .and.have.property('message')
        .that.does.not.contain('hidden');
    });
  }
});
