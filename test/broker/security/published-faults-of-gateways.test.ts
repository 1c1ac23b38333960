// The faults of registries, gateways and their like that were published (spec: security limits, 4), tried on what we have that answers
// HTTP: the schema registry with the broker's users, in a process of its own before a broker that wants logins, and the pages for an
// operator. Requests are written by hand: a client of HTTP would tidy them up.
import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { OwnProgram } from './own-programs.ts';
import { SECRET, SecuredProcess } from './secured-process.ts';

const SUBJECT = 'guarded-subject';
const LOGIN = `org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="${SECRET}-admin";`;
const basic = (user: string, password: string): string =>
  `authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const ADMIN = basic('admin', `${SECRET}-admin`);
const JSON_BODY = 'content-type: application/json';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The first line stands as it is given. A connection that is closed without an answer has status 0. */
function asked(port: number, first: string, headers: readonly string[] = [], body = ''): Promise<Answer> {
  const length = body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  const host = headers.some((header) => header.startsWith('host:')) ? [] : ['host: registry'];
  const head = [first, ...host, 'connection: close', ...length, ...headers].join('\r\n');
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n${body}`));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.once('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text }));
  });
}

describe('Published faults of registries and gateways', function () {
  this.timeout(60_000);
  let broker: SecuredProcess;
  let registry: OwnProgram;
  let home = '';
  let port = 0;
  let metricsPort = 0;

  before(async function () {
    if (!existsSync('/proc/self/status')) this.skip();
    home = mkdtempSync(join(tmpdir(), 'ottla-gateways-'));
    broker = await SecuredProcess.start({ 'metrics.port': '0', 'auto.create.topics.enable': 'true' });
    const rows = ['security.protocol=SASL_PLAINTEXT', 'sasl.mechanism=PLAIN', `sasl.jaas.config=${LOGIN}`];
    writeFileSync(join(home, 'client.properties'), rows.join('\n'));
    const at = ['--bootstrap', `127.0.0.1:${broker.port}`, '--port', '0', '--json'];
    const login = ['--broker-users', '--command-config', join(home, 'client.properties')];
    registry = OwnProgram.command(['registry', ...at, ...login]);
    port = Number((await registry.says(/"port":(\d+)/))[1]);
    const brokerPort = broker.port;
    const ports = broker.broker.listeningOn.map((address) => Number.parseInt(address.split(':')[1] ?? '', 16));
    metricsPort = ports.find((one) => one !== brokerPort) ?? 0;
    const body = JSON.stringify({ schema: '"int"' });
    const made = await asked(port, `POST /subjects/${SUBJECT}/versions HTTP/1.1`, [ADMIN, JSON_BODY], body);
    expect(made.status, made.text).to.equal(200);
  });
  after(async () => {
    await registry?.stop();
    await broker?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  /** Topics that there are, those of the registry and the broker itself aside. */
  async function topics(): Promise<string[]> {
    const { topics: all } = await broker.admin.ask(Metadata, 1, { topics: null });
    return all.map(({ name }) => String(name)).filter((name) => !name.startsWith('_'));
  }

  it('whoever sends no name, or half of one, is nobody (CVE-2025-61673)', async () => {
    const right = await asked(port, 'GET /subjects HTTP/1.1', [ADMIN]);
    expect(right.status).to.equal(200);
    expect(right.text).to.contain(SUBJECT);
    const halves = [
      [],
      ['authorization:'],
      ['authorization: Basic'],
      ['authorization: Basic '],
      ['authorization: Basic !!!!'],
      ['authorization: Basic Og=='],
      [`authorization: Basic ${Buffer.from('admin').toString('base64')}`],
      [basic('admin', '')],
      [basic('', `${SECRET}-admin`)],
      [basic('admin', 'guess')],
      [basic('admin\0', `${SECRET}-admin`)],
      [basic('__proto__', '')],
      ['authorization: Bearer null'],
      ['authorization: Bearer undefined'],
      [`x-forwarded-authorization: ${ADMIN.slice('authorization: '.length)}`],
      ['x-forwarded-user: admin', 'x-remote-user: admin', 'remote-user: admin'],
      [`cookie: ${ADMIN}`],
    ];
    const refused = async (method: string, headers: readonly string[]): Promise<void> => {
      const answer = await asked(port, `${method} /subjects HTTP/1.1`, headers);
      expect(answer.status, `${method} ${headers.join()}`).to.be.oneOf([400, 401]);
      expect(answer.text).to.not.contain(SUBJECT);
    };
    // At the same time: a refusal takes its time.
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      await Promise.all(halves.map((headers) => refused(method, headers)));
    }
    expect((await asked(port, `GET /subjects HTTP/1.1`, [ADMIN])).text).to.contain(SUBJECT);
    expect(registry.output).to.not.contain(SECRET);
  });

  it('no spelling of a path leads past the login (CVE-2026-105949)', async () => {
    const open = '/status/ready';
    expect((await asked(port, `GET ${open} HTTP/1.1`)).status).to.equal(200);
    const spellings = [
      '//subjects',
      '/./subjects',
      '/subjects/',
      '/subjects//',
      '/subjects;x=y',
      '/%73ubjects',
      '/SUBJECTS',
      '/subjects%00',
      '/subjects%2f',
      '/contexts/./subjects',
      '/contexts/x/subjects',
      '/contexts/x/../../subjects',
      '/contexts/x/status/ready/../../subjects',
      `${open}/../../subjects`,
      `${open}/..%2f..%2fsubjects`,
      `${open}%2f..%2f..%2fsubjects`,
      `${open}/..;/..;/subjects`,
      `${open}/%2e%2e/%2e%2e/subjects`,
      `${open}\\..\\..\\subjects`,
      `${open}?/../../subjects`,
      `${open}#/../../subjects`,
      `${open}/subjects`,
      `/subjects?x=${open}`,
      `/subjects/..${open}/../../subjects`,
      `http://other${open}/../../subjects`,
      `http://other/subjects`,
      `//other${open}/../../subjects`,
    ];
    for (const path of spellings) {
      for (const host of ['host: registry', `host: registry${open}?`, `host: registry${open}#`]) {
        const { status, text } = await asked(port, `GET ${path} HTTP/1.1`, [host]);
        // What is open says nothing, whatever it is called.
        expect(text, `${path}, ${host}`).to.not.contain(SUBJECT);
        if (status === 200) expect(text.slice(text.indexOf('\r\n\r\n') + 4), path).to.equal('{}');
      }
    }
  });

  it('nothing that comes is run, wherever it is put (CVE-2026-123270)', async () => {
    const mark = join(home, 'was-run');
    const code = `require('fs').writeFileSync(${JSON.stringify(mark)}, '')`;
    const rule = { name: 'r', kind: 'CONDITION', mode: 'WRITE', type: 'JAVASCRIPT', expr: code };
    const schema = { schema: '"long"', ruleSet: { domainRules: [rule] }, metadata: { properties: { onLoad: code } } };
    const bodies = [JSON.stringify(schema), JSON.stringify({ config: code, mapping: `\${${code}}` }), code];
    const places = [
      '/streams/x',
      '/streams',
      '/connectors',
      '/subjects/coded/versions',
      '/config',
      '/admin',
      '/debug/pprof',
    ];
    for (const path of places) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        for (const body of bodies) {
          const stranger = await asked(port, `${method} ${path} HTTP/1.1`, [JSON_BODY], body);
          expect(stranger.status, `${method} ${path}`).to.equal(401);
          const known = await asked(port, `${method} ${path} HTTP/1.1`, [ADMIN, JSON_BODY], body);
          expect(known.status, `${method} ${path}`).to.be.oneOf([200, 400, 404, 405, 422]);
          expect((await asked(metricsPort, `${method} ${path} HTTP/1.1`, [JSON_BODY], body)).status).to.equal(405);
        }
      }
    }
    expect((await asked(metricsPort, 'GET /streams HTTP/1.1')).status).to.equal(404);
    // A schema with such a rule may stand there, for clients that know what to do with it; it is read like any other.
    const told = await asked(port, 'GET /subjects/coded/versions HTTP/1.1', [ADMIN]);
    expect(told.status).to.be.oneOf([200, 404]);
    expect(existsSync(mark)).to.equal(false);
  });

  it('no header says where something is written (CVE-2026-49098)', async () => {
    const names = ['kafka.OVERRIDE_TOPIC', 'kafka.TOPIC', 'kafka.PARTITION_KEY', 'x-kafka-topic', 'kafkastore.topic'];
    const headers = names.map((name) => `${name}: elsewhere`);
    const body = JSON.stringify({ schema: '"string"' });
    const made = await asked(port, 'POST /subjects/headed/versions HTTP/1.1', [ADMIN, JSON_BODY, ...headers], body);
    expect(made.status, made.text).to.equal(200);
    expect(await topics()).to.deep.equal([]);
    const program = OwnProgram.script(
      `
      const [username, password] = process.env.LOGIN.split(':');
      const producer = new client.Producer({
        brokers: process.env.BROKERS, sasl: { mechanism: 'plain', username, password },
      });
      const headers = Object.fromEntries(process.env.NAMES.split(',').map((name) => [name, 'elsewhere']));
      const { topic } = await producer.send('asked-for', { value: 'x', headers });
      console.log('written to ' + topic + '.');
      process.exit(0);
      `,
      { BROKERS: `127.0.0.1:${broker.port}`, LOGIN: `admin:${SECRET}-admin`, NAMES: names.join(',') },
    );
    try {
      await program.says(/written to asked-for\./);
    } finally {
      await program.stop();
    }
    expect(await topics()).to.deep.equal(['asked-for']);
  });
});
