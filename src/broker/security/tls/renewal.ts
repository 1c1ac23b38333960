// Whether a key store may take the place of the one in use while a listener is open (Kafka: SslFactory.validateReconfiguration,
// CertificateEntries.ensureCompatible): what clients have checked so far must go on to hold.
import { X509Certificate } from 'node:crypto';
import { ConfigError, type TlsSettings } from '../../../runtime/index.ts';

export interface RenewalRules {
  /** ssl.allow.dn.changes */
  readonly allowsOtherName: boolean;
  /** ssl.allow.san.changes */
  readonly allowsFewerHosts: boolean;
  /** Brokers connect to it themselves: who trusts the one before must trust the new one. */
  readonly isInterBroker: boolean;
}

const PREFIX = 'Validation of dynamic config update of SSLFactory failed';
const HOSTS = /, (?=[A-Za-z ]+:)/;

/** Throws ConfigError in one line, without secrets. */
export function checkRenewal(before: TlsSettings, after: TlsSettings, rules: RenewalRules): void {
  const known = certificatesOf(before)[0];
  const next = certificatesOf(after)[0];
  if (known === undefined || next === undefined) return;
  if (!rules.allowsOtherName && known.subject !== next.subject) {
    throw refused(
      `Keystore DistinguishedName does not match: existing={DN=${nameOf(known)}}, new={DN=${nameOf(next)}}`,
    );
  }
  const left = new Set(hostsOf(next));
  if (!rules.allowsFewerHosts && hostsOf(known).some((host) => !left.has(host))) {
    const [existing, added] = [known, next].map((one) => `[${hostsOf(one).join(', ')}]`);
    throw refused(`Keystore SubjectAltNames do not match: existing={SAN=${existing}}, new={SAN=${added}}`);
  }
  if (before.trusted === undefined && after.trusted !== undefined) {
    throw refused('Cannot add SSL truststore to an existing SslEngineFactory for which no truststore was configured.');
  }
  // Brokers dial each other with both stores in turn, until all of them have the new one.
  if (!rules.isInterBroker || !isTrusted(before, before)) return;
  if (!isTrusted(after, after) || !isTrusted(after, before)) {
    throw refused(
      `no certificate of the trust store vouches for the one of ${nameOf(next)}, and brokers would refuse it`,
    );
  }
}

const refused = (why: string): ConfigError => new ConfigError(`${PREFIX}: ${why}`);
const nameOf = ({ subject }: X509Certificate): string => subject.replaceAll('\n', ', ');
const hostsOf = ({ subjectAltName }: X509Certificate): string[] => subjectAltName?.split(HOSTS) ?? [];

function certificatesOf({ certificates = '' }: TlsSettings): X509Certificate[] {
  const found = certificates.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return found.map((pem) => new X509Certificate(pem));
}

/** Whether one of those that `by` trusts has signed a certificate of the chain, or is one of them. */
function isTrusted(settings: TlsSettings, by: TlsSettings): boolean {
  const authorities = (by.trusted ?? []).map((pem) => new X509Certificate(pem));
  return certificatesOf(settings).some((certificate) =>
    authorities.some(
      (authority) =>
        authority.fingerprint256 === certificate.fingerprint256 ||
        (certificate.checkIssued(authority) && certificate.verify(authority.publicKey)),
    ),
  );
}
