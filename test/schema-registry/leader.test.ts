// Several registries on one topic: they agree who writes, pass writes on, and one takes over from another.
import { expect } from 'chai';
import { ClusterClient } from '../../src/client/index.ts';
import { startBroker } from '../../src/index.ts';
import { DescribeGroups } from '../../src/protocol/messages/15-describe-groups.ts';
import { startSchemaRegistry } from '../../src/schema-registry/index.ts';
import { identityFrom, identityText, leaderAmong, leaderIn } from '../../src/schema-registry/store/identity.ts';
import { callAt, record } from './running-registry.ts';

describe('Registries that share a topic', () => {
  it('let one of them write, whichever is asked, and go on when it leaves', async () => {
    const broker = await startBroker({ profile: 'test' });
    const brokers = broker.bootstrapServers;
    try {
      const registries = await Promise.all([1, 2].map(() => startSchemaRegistry({ brokers, port: 0 })));
      const [one, two] = registries.sort((a, b) => (a.url < b.url ? -1 : 1)) as [
        (typeof registries)[0],
        (typeof registries)[0],
      ];
      const post = async (url: string, name: string) =>
        (await callAt(url, 'POST', `/subjects/${name}/versions`, { schema: record(name) })).body.id as number;
      // At once, through both: no id is given twice.
      const ids = await Promise.all(
        Array.from({ length: 10 }, (_, index) => post(index % 2 === 0 ? one.url : two.url, `s${index}`)),
      );
      expect([...ids].sort((a, b) => a - b)).to.deep.equal(ids.map((_, index) => index + 1));
      const refused = await callAt(two.url, 'POST', '/subjects/s0/versions', { schema: '"int"' });
      expect([refused.status, refused.body.error_code]).to.deep.equal([409, 40901]);
      expect((await callAt(two.url, 'DELETE', '/subjects/s0')).body).to.deep.equal([1]);
      expect((await callAt(two.url, 'PUT', '/config/s1', { compatibility: 'NONE' })).body.compatibility).to.equal(
        'NONE',
      );

      const client = new ClusterClient({ brokers });
      const { groups } = await client.askCoordinator('group', 'schema-registry', DescribeGroups, {
        groups: ['schema-registry'],
      });
      await client.close();
      expect(groups[0]).to.include({ protocolType: 'sr', protocolData: 'v0', groupState: 'Stable' });
      const [host, port] = ['127.0.0.1', one.port];
      for (const { memberMetadata, memberAssignment } of groups[0]?.members ?? []) {
        expect(JSON.parse(Buffer.from(memberMetadata).toString())).to.include({
          host,
          master_eligibility: true,
          scheme: 'http',
          version: 1,
        });
        expect(JSON.parse(Buffer.from(memberAssignment).toString()).master_identity).to.deep.include({ host, port });
      }

      await one.close();
      expect(await post(two.url, 'later')).to.equal(11);
      await two.close();
    } finally {
      await broker.close();
    }
  });

  it('read only where none may lead, and say so', async () => {
    const broker = await startBroker({ profile: 'test' });
    const registry = await startSchemaRegistry({
      brokers: broker.bootstrapServers,
      port: 0,
      mayLead: false,
      timeoutMs: 200,
    });
    try {
      const headers = { 'x-forward': 'true' };
      expect((await callAt(registry.url, 'GET', '/subjects')).body).to.deep.equal([]);
      const refused = await callAt(registry.url, 'PUT', '/config', { compatibility: 'NONE' }, headers);
      expect([refused.status, refused.body]).to.deep.equal([500, { error_code: 50004, message: 'Leader not known.' }]);
    } finally {
      await registry.close();
      await broker.close();
    }
  });

  it('name each other in the words of Confluent', () => {
    const text = '{"host":"sr-1","port":8081,"master_eligibility":true,"scheme":"http","version":1}';
    const identity = identityFrom(text);
    expect(identity).to.deep.equal({ host: 'sr-1', port: 8081, scheme: 'http', mayLead: true });
    expect(JSON.parse(identityText(identity as NonNullable<typeof identity>))).to.deep.equal(JSON.parse(text));
    const other = { host: 'sr-0', port: 8081, scheme: 'http', mayLead: false };
    const assignment = leaderAmong([
      { memberId: 'a', identity },
      { memberId: 'b', identity: other },
      { memberId: 'c', identity: identityFrom('no JSON') },
    ]);
    expect(JSON.parse(assignment)).to.deep.equal({
      error: 0,
      master: 'a',
      master_identity: JSON.parse(text),
      version: 1,
    });
    expect(leaderIn(assignment)).to.deep.equal({ error: 0, leader: identity });
    const doubled = leaderAmong([
      { memberId: 'a', identity },
      { memberId: 'b', identity },
    ]);
    expect(leaderIn(doubled).error).to.equal(1);
    expect(leaderIn('{"error":0,"version":1}').leader).to.equal(undefined);
  });
});
