// Key stores: what is taken, and the line that says why one is not.
import { expect } from 'chai';
import fc from 'fast-check';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tlsConfig } from '../../../src/broker/configs/security-config.ts';
import { throwAwayCertificates } from '../../../src/broker/security/tls/certificates.ts';
import { openSslCipher } from '../../../src/broker/security/tls/cipher-names.ts';
import { subjectOf } from '../../../src/broker/security/tls/distinguished-name.ts';
import { DerError } from '../../../src/broker/security/tls/der.ts';
import { loadTls } from '../../../src/broker/security/tls/key-stores.ts';
import { checkRenewal } from '../../../src/broker/security/tls/renewal.ts';
import { KeyStoreError, readPkcs12 } from '../../../src/broker/security/tls/pkcs12.ts';
import { ConfigError, parseConfigs } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { nodeDisk, nodeRandom } from '../../../src/runtime/node/index.ts';
import { keyPath, keyText, SERVER_STORES } from './keys.ts';

const load = (entries: Readonly<Record<string, string>>, needsKey = true, disk = nodeDisk) =>
  loadTls(parseConfigs(tlsConfig, new Map(Object.entries(entries))), disk, needsKey);

function refusal(entries: Readonly<Record<string, string>>, disk = nodeDisk): string {
  try {
    load(entries, true, disk);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

const IN_CONFIG = {
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.key': keyText('server.key'),
  'ssl.keystore.certificate.chain': keyText('server.pem'),
};

describe('Key stores', () => {
  it('are PKCS #12 files, PEM files, or PEM in configs', () => {
    const fromStore = load(SERVER_STORES).settings;
    const fromConfig = load(IN_CONFIG).settings;
    expect(fromStore.key).to.equal(fromConfig.key);
    const fingerprint = (pem = ''): string => new X509Certificate(pem).fingerprint256;
    expect(fingerprint(fromStore.certificates)).to.equal(fingerprint(fromConfig.certificates));
    expect(fromStore.trusted).to.have.length(1);
  });

  it('may be JKS by name alone, as for Java', () => {
    expect(load({ ...SERVER_STORES, 'ssl.keystore.type': 'JKS' }).settings.key).to.contain('PRIVATE KEY');
  });

  it('may hold an encrypted key', () => {
    const entries = {
      ...IN_CONFIG,
      'ssl.keystore.key': keyText('client-a.encrypted.key'),
      'ssl.keystore.certificate.chain': keyText('client-a.pem'),
    };
    expect(load({ ...entries, 'ssl.key.password': 'throw-away' }).settings.key).to.contain('BEGIN PRIVATE KEY');
    expect(refusal(entries)).to.contain('ssl.key.password');
    expect(refusal({ ...entries, 'ssl.key.password': 'guess' }))
      .to.contain('ssl.key.password')
      .and.not.contain('guess');
  });

  it('of JKS are refused in the line that converts them', () => {
    const disk = new MemoryDisk({ nowMs: () => 0 });
    disk.writeFileSync('/server.jks', Buffer.from('feedfeed00000002', 'hex'));
    const line = refusal({ 'ssl.keystore.location': '/server.jks' }, disk);
    expect(line).to.contain('keytool -importkeystore -srckeystore /server.jks').and.contain('ssl.keystore.type=PKCS12');
  });

  it('are refused in one line without secrets', () => {
    const wrong: [Record<string, string>, string][] = [
      [{}, 'ssl.keystore.location'],
      [{ ...SERVER_STORES, 'ssl.keystore.password': 'guess' }, 'password'],
      [{ ...SERVER_STORES, 'ssl.keystore.location': '/no/such/file' }, 'ENOENT'],
      [{ ...SERVER_STORES, 'ssl.keystore.location': keyPath('server.pem') }, 'PKCS #12'],
      [{ ...IN_CONFIG, 'ssl.keystore.certificate.chain': keyText('client-b.pem') }, 'does not belong'],
      [{ ...IN_CONFIG, 'ssl.keystore.certificate.chain': 'nothing' }, 'no certificate'],
      [{ ...IN_CONFIG, 'ssl.keystore.key': 'nothing' }, 'no private key'],
      [{ ...IN_CONFIG, 'ssl.keystore.type': 'PKCS12' }, 'ssl.keystore.type=PEM'],
      [{ ...IN_CONFIG, 'ssl.enabled.protocols': 'TLSv1' }, 'TLSv1.2'],
      [{ ...IN_CONFIG, 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': 'x' }, 'no certificate'],
    ];
    for (const [entries, named] of wrong) {
      const line = refusal(entries);
      expect(line).to.contain(named).and.not.match(/\n/);
      expect(line).to.not.match(/guess|PRIVATE KEY/);
    }
  });

  it('that are damaged are refused wherever they are', () => {
    const bytes = readFileSync(keyPath('server.p12'));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, change, isCut) => {
        const damaged = Buffer.from(isCut ? bytes.subarray(0, at) : bytes);
        if (!isCut) damaged[at] = (damaged[at] as number) ^ change;
        try {
          readPkcs12(damaged, 'throw-away');
        } catch (error) {
          expect(error).to.be.instanceOf(KeyStoreError);
        }
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);
});

describe('A key store that takes the place of another', () => {
  const rules = { allowsOtherName: false, allowsFewerHosts: false, isInterBroker: false };
  const madeFor = (hosts: readonly string[]) => {
    const { ca, server } = throwAwayCertificates(hosts, nodeRandom);
    const spoken = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;
    return { ...spoken, key: server.key, certificates: server.cert, trusted: [ca] };
  };

  it('is for the same name, and for no fewer hosts', () => {
    const before = madeFor(['localhost']);
    checkRenewal(before, madeFor(['localhost', 'other']), rules);
    expect(() => checkRenewal(before, madeFor(['other']), rules)).to.throw(ConfigError, 'SubjectAltNames');
    checkRenewal(before, madeFor(['other']), { ...rules, allowsFewerHosts: true });
    const renamed = { ...before, certificates: keyText('client-a.pem') };
    expect(() => checkRenewal(before, renamed, rules)).to.throw(ConfigError, 'DistinguishedName');
    expect(() => checkRenewal(before, renamed, { ...rules, allowsOtherName: true })).to.throw('SubjectAltNames');
    checkRenewal(before, renamed, { ...rules, allowsOtherName: true, allowsFewerHosts: true });
  });

  it('brings no trust store where there was none', () => {
    const { trusted: _, ...before } = madeFor(['localhost']);
    expect(() => checkRenewal(before, madeFor(['localhost']), rules)).to.throw(ConfigError, 'Cannot add');
  });

  it('is one that the other brokers trust, before and afterwards', () => {
    const before = madeFor(['localhost']);
    const stranger = madeFor(['localhost']);
    const among = { ...rules, isInterBroker: true };
    checkRenewal(before, before, among);
    checkRenewal(before, stranger, rules);
    expect(() => checkRenewal(before, stranger, among)).to.throw(ConfigError, 'vouches');
    expect(() => checkRenewal(before, { ...stranger, trusted: before.trusted }, among)).to.throw('vouches');
  });
});

describe('Names in certificates', () => {
  it('are written as Java writes them', () => {
    const subject = (name: string): string => subjectOf(new X509Certificate(keyText(`${name}.pem`)).raw);
    expect(subject('client-a')).to.equal('CN=Alice,OU=users,O=Ottla throw-away,C=DE');
    expect(subject('client-b')).to.equal('CN=bob.example.com,OU=ServiceUsers,O=Ottla throw-away');
    expect(subject('client-c')).to.equal('O=No\\, name,C=US');
  });

  it('are read from bytes of any kind without harm', () => {
    const whole = new X509Certificate(keyText('client-a.pem')).raw;
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        try {
          subjectOf(damaged);
        } catch (error) {
          expect(error).to.be.instanceOf(DerError);
        }
      }),
    );
  });
});

describe('Throw-away certificates', () => {
  it('are what they say', () => {
    const { ca, server, client } = throwAwayCertificates(['localhost', '127.0.0.1', '::1'], nodeRandom);
    const authority = new X509Certificate(ca);
    expect(authority.ca).to.equal(true);
    for (const { cert } of [server, client])
      expect(new X509Certificate(cert).verify(authority.publicKey)).to.equal(true);
    const certificate = new X509Certificate(server.cert);
    expect(certificate.checkHost('localhost')).to.equal('localhost');
    expect(certificate.checkIP('127.0.0.1')).to.equal('127.0.0.1');
    expect(certificate.subjectAltName).to.contain('0:0:0:0:0:0:0:1');
    expect(subjectOf(new X509Certificate(client.cert).raw)).to.equal('CN=client');
  });
});

describe('Names of cipher suites', () => {
  it("become OpenSSL's", () => {
    expect(openSslCipher('TLS_AES_128_GCM_SHA256')).to.equal('TLS_AES_128_GCM_SHA256');
    expect(openSslCipher('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384')).to.equal('ECDHE-RSA-AES256-GCM-SHA384');
    expect(openSslCipher('TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256')).to.equal('ECDHE-ECDSA-CHACHA20-POLY1305');
    expect(openSslCipher('TLS_RSA_WITH_AES_128_CBC_SHA')).to.equal('AES128-SHA');
  });
});
