// The registry's calls over plain HTTP, as clients make them: answers, codes and messages are those of Confluent's registry.
import { expect } from 'chai';
import { record, type Running, startRegistry } from './running-registry.ts';

const A = record('A');
const B = record('B');
const MISSING_REFERENCE = [{ name: 'Missing', subject: 'nope', version: 1 }];

describe('The registry over HTTP', () => {
  let running: Running;
  const call: Running['call'] = (...args) => running.call(...args);
  const register = async (subject: string, schema: string, more: object = {}) =>
    (await call('POST', `/subjects/${subject}/versions`, { schema, ...more })).body;

  beforeEach(async () => {
    running = await startRegistry();
  });
  afterEach(() => running.close());

  it('gives one content one id, however often and wherever it is registered', async () => {
    const first = await register('s', '{ "type": "record", "name": "A", "fields": [] }');
    expect(first).to.deep.include({ id: 1, version: 1, schemaType: 'AVRO', schema: A });
    expect(first.guid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(await register('s', A)).to.deep.equal(first);
    expect(await register('other', A)).to.deep.include({ id: 1, version: 1 });
    expect(await register('third', B)).to.deep.include({ id: 2, version: 1 });
    expect((await call('GET', '/schemas/ids/1')).body).to.deep.include({ schema: A, guid: first.guid });
    expect((await call('GET', '/schemas/ids/1')).body).to.not.have.any.keys('subject', 'version', 'id', 'references');
    expect((await call('GET', '/schemas/ids/1?subject=other')).body).to.include({ subject: 'other', version: 1 });
    expect((await call('GET', '/schemas/ids/1?fetchMaxId=true')).body.maxId).to.equal(2);
    expect((await call('GET', '/schemas/ids/1/subjects')).body).to.deep.equal(['s', 'other']);
    expect((await call('GET', '/schemas/ids/1/versions')).body).to.deep.equal([
      { subject: 's', version: 1 },
      { subject: 'other', version: 1 },
    ]);
    expect((await call('GET', `/schemas/guids/${first.guid}`)).body.schema).to.equal(A);
    expect((await call('GET', `/schemas/guids/${first.guid}/ids`)).body).to.deep.equal([{ context: '.', id: 1 }]);
    expect((await call('GET', '/schemas/ids/1/schema')).body).to.deep.equal(JSON.parse(A));
  });

  it('deletes softly, then for good, and says what is missing by its code', async () => {
    await call('PUT', '/config/t', { compatibility: 'NONE' });
    await register('t', A);
    await register('t', B);
    expect((await call('DELETE', '/subjects/t/versions/1')).body).to.equal(1);
    expect((await call('GET', '/subjects/t/versions')).body).to.deep.equal([2]);
    expect((await call('GET', '/subjects/t/versions?deleted=true')).body).to.deep.equal([1, 2]);
    expect((await call('GET', '/subjects/t/versions?deletedOnly=true')).body).to.deep.equal([1]);
    expect((await call('GET', '/subjects/t/versions?deletedAsNegative=true')).body).to.deep.equal([-1, 2]);
    const gone = await call('GET', '/subjects/t/versions/1');
    expect([gone.status, gone.body]).to.deep.equal([404, { error_code: 40402, message: 'Version 1 not found.' }]);
    expect((await call('GET', '/subjects/t/versions/1?deleted=true')).body).to.include({ id: 1, deleted: true });
    expect((await call('DELETE', '/subjects/t/versions/1')).body.error_code).to.equal(40406);
    expect((await call('DELETE', '/subjects/t/versions/2?permanent=true')).body).to.deep.equal({
      error_code: 40407,
      message: "Subject 't' Version 2 was not deleted first before being permanently deleted",
    });
    expect((await call('DELETE', '/subjects/t/versions/1?permanent=true')).body).to.equal(1);
    // Nobody has the content any more: it is new again.
    expect(await register('d', A)).to.deep.include({ id: 3, version: 1 });
    expect((await call('DELETE', '/subjects/d?permanent=true')).body.error_code).to.equal(40405);
    expect((await call('DELETE', '/subjects/d')).body).to.deep.equal([1]);
    expect((await call('GET', '/subjects')).body).to.deep.equal(['t']);
    expect((await call('GET', '/subjects?deleted=true')).body).to.deep.equal(['d', 't']);
    expect((await call('GET', '/subjects?deletedOnly=true')).body).to.deep.equal(['d']);
    expect((await call('DELETE', '/subjects/d')).body).to.deep.equal({
      error_code: 40404,
      message: "Subject 'd' was soft deleted.Set permanent=true to delete permanently",
    });
    expect((await call('DELETE', '/subjects/d?permanent=true')).body).to.deep.equal([1]);
    expect((await call('DELETE', '/subjects/d')).body).to.deep.equal({
      error_code: 40401,
      message: "Subject 'd' not found.",
    });
    expect((await call('GET', '/schemas/ids/3')).body).to.deep.equal({
      error_code: 40403,
      message: 'Schema 3 not found',
    });
  });

  it('brings back a version that was deleted softly under its id, and forgets the old one', async () => {
    const { id } = await register('s', A);
    await call('DELETE', '/subjects/s/versions/1');
    expect(await register('s', A)).to.deep.include({ id, version: 2 });
    expect((await call('GET', '/subjects/s/versions?deleted=true')).body).to.deep.equal([2]);
  });

  it('looks up what is registered under a subject', async () => {
    await register('s', A);
    expect((await call('POST', '/subjects/s', { schema: A })).body).to.deep.include({
      subject: 's',
      version: 1,
      id: 1,
    });
    expect((await call('POST', '/subjects/s', { schema: B })).body).to.deep.equal({
      error_code: 40403,
      message: 'Schema not found',
    });
    expect((await call('POST', '/subjects/none', { schema: A })).body.error_code).to.equal(40401);
    await call('DELETE', '/subjects/s/versions/1');
    expect((await call('POST', '/subjects/s', { schema: A })).body.error_code).to.equal(40401);
    expect((await call('POST', '/subjects/s?deleted=true', { schema: A })).body.version).to.equal(1);
  });

  it('takes latest, -1 and numbers for a version, and nothing else', async () => {
    await register('s', A);
    for (const version of ['latest', '-1', '1', 'LATEST']) {
      expect((await call('GET', `/subjects/s/versions/${version}`)).body.version).to.equal(1);
    }
    for (const version of ['0', 'one', '-2', '2147483648', '1.5']) {
      const refused = await call('GET', `/subjects/s/versions/${version}`);
      expect([refused.status, refused.body.error_code]).to.deep.equal([422, 42202]);
    }
    expect((await call('GET', '/subjects/s/versions/2')).body.error_code).to.equal(40402);
    expect((await call('GET', '/subjects/none/versions/1')).body.error_code).to.equal(40401);
    expect((await call('GET', '/subjects/none/versions')).body.error_code).to.equal(40401);
  });

  it('follows references, and keeps what is referred to', async () => {
    await register('money', record('Money', { name: 'cents', type: 'long' }));
    const references = [{ name: 'Money', subject: 'money', version: 1 }];
    const order = record('Order', { name: 'price', type: 'Money' });
    const { id } = await register('order', order, { references });
    expect((await call('GET', `/schemas/ids/${id}`)).body).to.deep.include({ references, schema: order });
    expect((await call('GET', '/subjects/money/versions/1/referencedby')).body).to.deep.equal([id]);
    expect((await call('GET', '/subjects/money/versions/1/referencedBy')).body).to.deep.equal([id]);
    expect((await call('DELETE', '/subjects/money/versions/1')).body).to.deep.equal({
      error_code: 42206,
      message: 'One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=money,version=1}.',
    });
    expect((await call('DELETE', '/subjects/money')).body.error_code).to.equal(42206);
    const latest = [{ name: 'Money', subject: 'money', version: -1 }];
    expect((await call('POST', '/subjects/order', { schema: order, references: latest })).body.id).to.equal(id);
    const resolved = (await call('GET', '/subjects/order/versions/1?format=resolved')).body.schema;
    expect(JSON.parse(resolved).fields[0].type.fields[0].name).to.equal('cents');
    // The same with its references written out.
    expect((await call('POST', '/subjects/order', { schema: resolved })).body.id).to.equal(id);
    await call('DELETE', '/subjects/order');
    expect((await call('GET', '/subjects/money/versions/1/referencedby')).body).to.deep.equal([]);
    expect((await call('DELETE', '/subjects/money/versions/1')).body).to.equal(1);
    expect((await call('DELETE', '/subjects/money/versions/1?permanent=true')).body.error_code).to.equal(42206);
    const bad = record('Bad', { name: 'x', type: 'Missing' });
    expect(await register('bad', bad, { references: MISSING_REFERENCE })).to.deep.equal({
      error_code: 42201,
      message: `Invalid schema {subject=bad,version=0,id=-1,schemaType=AVRO,references=[{name='Missing', subject='nope', version=1}],metadata=null,ruleSet=null,schema=${bad}} with refs [{name='Missing', subject='nope', version=1}] of type AVRO, details: No schema reference found for subject "nope" and version 1`,
    });
  });

  it('refuses what is no schema, and languages that nobody speaks', async () => {
    expect((await register('s', '{')).error_code).to.equal(42201);
    expect((await register('s', '')).error_code).to.equal(42201);
    expect((await register('s', A, { schemaType: 'XML' })).error_code).to.equal(42201);
    expect((await call('POST', '/subjects/s/versions', '[1')).body.error_code).to.equal(400);
    expect((await call('POST', '/subjects/s/versions', '[1]')).status).to.equal(422);
    expect((await call('POST', '/subjects/s/versions', '')).status).to.equal(422);
    expect((await call('POST', '/subjects/__GLOBAL/versions', { schema: A })).body.error_code).to.equal(42208);
    expect((await call('POST', '/subjects/a%00b/versions', { schema: A })).body.error_code).to.equal(42208);
  });

  it('holds a schema against those before it, by the level that counts', async () => {
    const one = record('R', { name: 'a', type: 'int' });
    const two = record('R', { name: 'a', type: 'int' }, { name: 'b', type: 'int' });
    await register('s', one);
    const refused = await call('POST', '/subjects/s/versions', { schema: two });
    expect([refused.status, refused.body.error_code]).to.deep.equal([409, 40901]);
    expect(refused.body.message).to.match(
      /^Schema being registered is incompatible with an earlier schema for subject "s", details: \[\{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'.*\{oldSchemaVersion: 1\}, \{oldSchema: '.*'\}, \{validateFields: 'false', compatibility: 'BACKWARD'\}\]$/,
    );
    const path = '/compatibility/subjects/s/versions';
    expect((await call('POST', `${path}/latest`, { schema: two })).body).to.deep.equal({ is_compatible: false });
    const verbose = (await call('POST', `${path}?verbose=true`, { schema: two })).body;
    expect(verbose.messages[0]).to.contain('READER_FIELD_MISSING_DEFAULT_VALUE');
    expect((await call('POST', `${path}/latest?verbose=true`, { schema: one })).body).to.deep.equal({
      is_compatible: true,
      messages: [],
    });
    expect((await call('POST', '/compatibility/subjects/none/versions/latest', { schema: A })).body).to.deep.equal({
      is_compatible: true,
    });
    expect((await call('POST', '/compatibility/subjects/none/versions/3', { schema: A })).body.error_code).to.equal(
      40402,
    );
    expect((await call('POST', `${path}/latest`, { schema: '{' })).body.error_code).to.equal(42201);
    expect((await call('POST', `${path}/latest?verbose=true`, { schema: '{' })).body.is_compatible).to.equal(false);
    await call('PUT', '/config/s', { compatibility: 'forward' });
    expect((await call('POST', `${path}/latest`, { schema: two })).body).to.deep.equal({ is_compatible: true });
    expect((await call('POST', '/subjects/s/versions?force=true', { schema: B })).body.version).to.equal(2);
  });

  it('compares only versions of one group, and with all of them where the level is transitive', async () => {
    await call('PUT', '/config', { compatibility: 'BACKWARD_TRANSITIVE', compatibilityGroup: 'major' });
    const int = record('R', { name: 'a', type: 'int' });
    const text = record('R', { name: 'a', type: 'string' });
    const major = (value: string) => ({ metadata: { properties: { major: value } } });
    await register('s', int, major('1'));
    expect((await register('s', text, major('1'))).error_code).to.equal(40901);
    expect((await register('s', text, major('2'))).version).to.equal(2);
    expect((await register('s', record('R', { name: 'a', type: 'long' }), major('1'))).version).to.equal(3);
    expect((await register('s', int, major('2'))).error_code).to.equal(40901);
  });

  it('keeps config by subject, by context and for all', async () => {
    expect((await call('GET', '/config')).body).to.deep.equal({ compatibilityLevel: 'BACKWARD' });
    expect((await call('PUT', '/config', { compatibility: 'full' })).body).to.deep.equal({ compatibility: 'FULL' });
    expect((await call('GET', '/config/s')).body).to.deep.equal({
      error_code: 40408,
      message: "Subject 's' does not have subject-level compatibility configured",
    });
    expect((await call('GET', '/config/s?defaultToGlobal=true')).body).to.deep.equal({ compatibilityLevel: 'FULL' });
    const set = { compatibility: 'NONE', normalize: true, compatibilityGroup: 'g' };
    expect((await call('PUT', '/config/s', set)).body).to.deep.equal(set);
    await call('PUT', '/config/s', { compatibilityGroup: null });
    expect((await call('GET', '/config/s')).body).to.deep.equal({ normalize: true, compatibilityLevel: 'NONE' });
    expect((await call('PUT', '/config/s', { compatibility: 'WEAK' })).body.error_code).to.equal(42203);
    expect((await call('DELETE', '/config/s')).body).to.include({ compatibilityLevel: 'NONE' });
    expect((await call('DELETE', '/config/s')).body.error_code).to.equal(40401);
    expect((await call('DELETE', '/config')).body).to.deep.equal({ compatibilityLevel: 'FULL' });
    expect((await call('GET', '/config')).body).to.deep.equal({ compatibilityLevel: 'BACKWARD' });
    await call('PUT', '/config/:.c:', { compatibility: 'FORWARD' });
    expect((await call('GET', '/config/:.c:x?defaultToGlobal=true')).body.compatibilityLevel).to.equal('FORWARD');
    await call('PUT', '/config/:.__GLOBAL:', { compatibility: 'NONE' });
    expect((await call('GET', '/config/:.other:x?defaultToGlobal=true')).body.compatibilityLevel).to.equal('NONE');
  });

  it('stands by its mode: read-only, import with ids given, nothing else', async () => {
    expect((await call('GET', '/mode')).body).to.deep.equal({ mode: 'READWRITE' });
    expect((await call('GET', '/mode/r')).body.error_code).to.equal(40409);
    await call('PUT', '/mode/r', { mode: 'READONLY' });
    expect((await call('GET', '/mode/r')).body).to.deep.equal({ mode: 'READONLY' });
    expect((await register('r', A)).error_code).to.equal(42205);
    expect((await call('PUT', '/config/r', { compatibility: 'NONE' })).body.error_code).to.equal(42205);
    expect((await call('DELETE', '/mode/r')).body).to.deep.equal({ mode: 'READONLY' });
    expect((await call('DELETE', '/mode/r')).body.error_code).to.equal(40401);
    expect((await call('PUT', '/mode', { mode: 'SOMETIMES' })).body).to.deep.equal({
      error_code: 42204,
      message: 'Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.',
    });
    expect((await call('PUT', '/mode/r', { mode: 'FORWARD' })).body.error_code).to.equal(42204);
    expect((await register('i', A, { id: 42 })).error_code).to.equal(42205);
    await call('PUT', '/mode/i', { mode: 'IMPORT' });
    expect(await register('i', A, { id: 42, version: 5 })).to.include({ id: 42, version: 5 });
    expect((await register('i', B, { id: 42, version: 6 })).error_code).to.equal(42205);
    expect((await register('i', B)).error_code).to.equal(42205);
    expect(await register('other', B)).to.include({ id: 43 });
    expect((await call('PUT', '/mode', { mode: 'IMPORT' })).body.error_code).to.equal(42205);
    expect((await call('PUT', '/mode?force=true', { mode: 'IMPORT' })).body).to.deep.equal({ mode: 'IMPORT' });
  });

  it('counts ids in each context, and is told of it by subject or by path', async () => {
    await register('s', A);
    expect((await call('POST', '/contexts/.ctx/subjects/a%2Fb/versions', { schema: B })).body).to.include({ id: 1 });
    expect((await call('GET', '/subjects/:.ctx:a%2Fb/versions/1')).body.subject).to.equal(':.ctx:a/b');
    expect((await call('GET', '/contexts')).body).to.deep.equal(['.', '.ctx']);
    expect((await call('GET', '/subjects')).body).to.deep.equal([':.ctx:a/b', 's']);
    expect((await call('GET', '/subjects?subjectPrefix=s')).body).to.deep.equal(['s']);
    expect((await call('GET', '/subjects?subjectPrefix=:*:a')).body).to.deep.equal([':.ctx:a/b']);
    expect((await call('GET', '/contexts/.ctx/subjects')).body).to.deep.equal([':.ctx:a/b']);
    expect((await call('GET', '/contexts/.ctx/schemas/ids/1')).body.schema).to.equal(B);
    expect((await call('GET', '/schemas/ids/1')).body.schema).to.equal(A);
    // A subject without context is looked for in the others too.
    expect((await call('GET', '/subjects/a%2Fb/versions/1')).body.subject).to.equal(':.ctx:a/b');
    expect((await call('POST', '/subjects/a%2Fb', { schema: B })).body.subject).to.equal(':.ctx:a/b');
    await call('PUT', '/contexts/.ctx/config', { compatibility: 'NONE' });
    expect((await call('GET', '/config/:.ctx:')).body).to.deep.equal({ compatibilityLevel: 'NONE' });
    expect((await call('DELETE', '/contexts/.ctx')).body.error_code).to.equal(42211);
    await call('DELETE', '/subjects/:.ctx:a%2Fb');
    await call('DELETE', '/subjects/:.ctx:a%2Fb?permanent=true');
    expect((await call('DELETE', '/contexts/.ctx')).status).to.equal(204);
    expect((await call('GET', '/contexts')).body).to.deep.equal(['.']);
  });

  it('takes metadata and rules with a schema, and adds what is set for the subject', async () => {
    const rule = { name: 'check', kind: 'CONDITION', mode: 'WRITE', type: 'CEL', expr: 'true' };
    await call('PUT', '/config/s', { defaultMetadata: { properties: { owner: 'team', tier: '1' } } });
    const ruleSet = { domainRules: [rule] };
    const first = await register('s', A, { metadata: { properties: { tier: '2' } }, ruleSet });
    expect(first.metadata).to.deep.equal({ properties: { owner: 'team', tier: '2' } });
    expect(first.ruleSet.domainRules[0]).to.deep.include(rule);
    expect((await call('GET', '/subjects/s/metadata?key=tier&value=2')).body.version).to.equal(1);
    expect((await call('GET', '/subjects/s/metadata?key=tier&value=3')).body.error_code).to.equal(40403);
    // The same text with other metadata is another schema.
    expect(await register('s', A, { metadata: { properties: { tier: '3' } } })).to.include({ id: 2, version: 2 });
    expect((await call('GET', '/schemas?ruleType=CEL')).body).to.have.length(2);
    const twice = { domainRules: [rule, rule] };
    expect((await register('s', A, { ruleSet: twice })).error_code).to.equal(42210);
    expect((await register('s', A, { ruleSet: { migrationRules: [rule] } })).error_code).to.equal(42210);
    expect((await register('s', A, { metadata: { properties: 'x' } })).error_code).to.equal(422);
    expect(await register('s', '', { metadata: { properties: { tier: '4' } } })).to.deep.include({
      version: 3,
      schema: A,
    });
  });

  it('answers an alias with what it stands for', async () => {
    await register('real', A);
    await call('PUT', '/config/nick', { alias: 'real' });
    expect((await call('GET', '/subjects/nick/versions/latest')).body.subject).to.equal('real');
    expect((await call('GET', '/schemas?aliases=true')).body[0].aliases).to.deep.equal(['nick']);
  });

  it('lists everything in pages', async () => {
    for (const subject of ['c', 'a', 'b']) await register(subject, A);
    await register('a', B, {}).then((answer) => expect(answer.error_code).to.equal(40901));
    const names = async (query: string) => (await call('GET', `/schemas${query}`)).body.map((one: any) => one.subject);
    expect(await names('')).to.deep.equal(['a', 'b', 'c']);
    expect(await names('?offset=1&limit=1')).to.deep.equal(['b']);
    expect(await names('?subjectPrefix=c')).to.deep.equal(['c']);
    expect((await call('GET', '/subjects?offset=2')).body).to.deep.equal(['c']);
    expect((await call('GET', '/subjects?limit=0&offset=x')).body).to.have.length(3);
  });

  it('speaks the content types of clients, and tells errors in them', async () => {
    const typed = async (accept: string) =>
      (await call('GET', '/subjects', undefined, { accept })).headers.get('content-type');
    expect(await typed('*/*')).to.equal('application/vnd.schemaregistry.v1+json');
    expect(await typed('application/json')).to.equal('application/json');
    expect(await typed('application/vnd.schemaregistry+json; q=0.9, application/json; q=0.5')).to.equal(
      'application/vnd.schemaregistry+json',
    );
    expect((await call('GET', '/subjects', undefined, { accept: 'text/html' })).status).to.equal(406);
    expect((await call('PUT', '/config', { compatibility: 'NONE' }, { 'content-type': 'text/xml' })).status).to.equal(
      415,
    );
    expect((await call('GET', '/nothing')).body).to.deep.equal({ error_code: 404, message: 'HTTP 404 Not Found' });
    expect((await call('GET', '/')).body).to.deep.equal({});
    expect((await call('GET', '/schemas/types')).body).to.deep.equal(['JSON', 'PROTOBUF', 'AVRO']);
    expect((await call('GET', '/status/ready')).status).to.equal(200);
    expect((await call('GET', '/v1/metadata/id')).body.scope.clusters).to.deep.equal({
      'kafka-cluster': running.broker.clusterId,
      'schema-registry-cluster': 'schema-registry',
    });
    expect((await call('GET', '/v1/metadata/version')).body.version).to.be.a('string');
    expect((await call('GET', '/subjects/')).body).to.deep.equal([]);
  });

  it('keeps schemas of all three languages, in the form that is asked for', async () => {
    const proto = 'syntax = "proto3";\npackage shop;\nmessage Order {\n  int64 id = 1;\n}';
    const { id, schema } = await register('p', proto, { schemaType: 'PROTOBUF' });
    expect(schema).to.contain('message Order');
    const serialized = (await call('GET', `/schemas/ids/${id}?format=serialized`)).body.schema;
    expect(serialized).to.match(/^[A-Za-z0-9+/]+=*$/);
    // What is sent so comes back so, under the same id.
    expect(await register('p', serialized, { schemaType: 'PROTOBUF' })).to.include({ id, schema: serialized });
    expect(
      (await call('POST', '/subjects/p?format=serialized', { schema, schemaType: 'PROTOBUF' })).body.schema,
    ).to.equal(serialized);
    const json = '{ "type": "object", "properties": { "b": {}, "a": {} } }';
    const answer = await register('j', json, { schemaType: 'JSON' });
    expect(answer).to.include({ schemaType: 'JSON', schema: '{"type":"object","properties":{"b":{},"a":{}}}' });
    const turned = '{"properties":{"a":{},"b":{}},"type":"object"}';
    expect((await call('POST', '/subjects/j', { schema: turned, schemaType: 'JSON' })).body.error_code).to.equal(40403);
    expect((await register('j', A)).error_code).to.equal(40901);
    await call('PUT', '/config/n', { normalize: true, compatibility: 'NONE' });
    const normal = await register('n', json, { schemaType: 'JSON' });
    expect((await register('n', turned, { schemaType: 'JSON' })).id).to.equal(normal.id);
  });

  it('says so when a schema is larger than a record of the topic may be', async () => {
    const large = JSON.stringify({ type: 'record', name: 'L', doc: 'x'.repeat(2_000_000), fields: [] });
    const refused = await call('POST', '/subjects/l/versions', { schema: large });
    expect([refused.status, refused.body.error_code]).to.deep.equal([422, 42209]);
    expect((await register('l', A)).version).to.equal(1);
  });

  it('takes no more of a body than it may', async () => {
    await running.registry.close();
    const small = await startRegistry({ maxBodyBytes: 1000 });
    try {
      const long = record('x'.repeat(2000));
      expect((await small.call('POST', '/subjects/s/versions', { schema: long })).status).to.equal(413);
    } finally {
      await small.close();
    }
  });
});
