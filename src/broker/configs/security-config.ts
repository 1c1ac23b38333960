// Who may connect, and how it is proved: the configs of TLS, SASL and delegation tokens. Most may be set for one listener alone,
// as `listener.name.NAME.KEY`; those of a mechanism stand behind its name as well.
import { config, type ConfigOf } from '../../runtime/index.ts';

const { boolean, double, int, list, long, optionalClass, optionalString, password, string } = config;

const PER_BROKER = 'per-broker';

/** Of a listener, or of connections to other nodes. */
export const tlsConfig = {
  sslClientAuth: string('ssl.client.auth', 'none')
    .oneOf('required', 'requested', 'none')
    .dynamic(PER_BROKER)
    .doc('Whether clients must show a certificate.'),
  sslCipherSuites: list('ssl.cipher.suites', [])
    .dynamic(PER_BROKER)
    .doc('The cipher suites that may be used; empty: those that OpenSSL holds for good.'),
  sslEnabledProtocols: list('ssl.enabled.protocols', ['TLSv1.2', 'TLSv1.3'])
    .dynamic(PER_BROKER)
    .doc('The TLS versions that may be used: TLSv1.2, TLSv1.3.'),
  sslEndpointIdentification: string('ssl.endpoint.identification.algorithm', 'https')
    .dynamic(PER_BROKER)
    .doc("How another broker's name is checked against its certificate; empty: not at all."),
  sslKeystoreType: string('ssl.keystore.type', 'JKS')
    .dynamic(PER_BROKER)
    .doc('The format of the key store: PEM or PKCS12. JKS can be converted to PKCS12.'),
  sslKeystoreLocation: optionalString('ssl.keystore.location').dynamic(PER_BROKER).doc('The file of the key store.'),
  sslKeystorePassword: password('ssl.keystore.password').dynamic(PER_BROKER).doc('The password of the key store.'),
  sslKeyPassword: password('ssl.key.password').dynamic(PER_BROKER).doc('The password of the private key.'),
  sslKeystoreKey: password('ssl.keystore.key').dynamic(PER_BROKER).doc('The private key, as PEM text.'),
  sslKeystoreChain: password('ssl.keystore.certificate.chain')
    .dynamic(PER_BROKER)
    .doc('The certificate chain, as PEM text.'),
  sslTruststoreType: string('ssl.truststore.type', 'JKS')
    .dynamic(PER_BROKER)
    .doc('The format of the trust store: PEM or PKCS12.'),
  sslTruststoreLocation: optionalString('ssl.truststore.location')
    .dynamic(PER_BROKER)
    .doc('The file of the trust store.'),
  sslTruststorePassword: password('ssl.truststore.password')
    .dynamic(PER_BROKER)
    .doc('The password of the trust store.'),
  sslTruststoreCertificates: password('ssl.truststore.certificates')
    .dynamic(PER_BROKER)
    .doc('Trusted certificates, as PEM text.'),
  sslAllowDnChanges: boolean('ssl.allow.dn.changes', false).doc(
    'A key store that is set while the broker runs may be for another distinguished name.',
  ),
  sslAllowSanChanges: boolean('ssl.allow.san.changes', false).doc(
    'A key store that is set while the broker runs may be for other hosts.',
  ),
  sslPrincipalMappingRules: string('ssl.principal.mapping.rules', 'DEFAULT').doc(
    'How names in certificates become principals.',
  ),
} as const;
export type TlsConfig = ConfigOf<typeof tlsConfig>;

/** Of a listener. */
export const saslConfig = {
  saslEnabledMechanisms: list('sasl.enabled.mechanisms', ['GSSAPI'])
    .dynamic(PER_BROKER)
    .doc('The SASL mechanisms that clients may use: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER.'),
  saslJaasConfig: password('sasl.jaas.config')
    .dynamic(PER_BROKER)
    .doc('The login of a SASL mechanism, in the format of JAAS files.'),
  saslServerCallbackHandler: optionalClass('sasl.server.callback.handler.class').doc(
    'For OAUTHBEARER: OAuthBearerValidatorCallbackHandler has tokens checked against a JWKS; unset, tokens are not signed.',
  ),
  connectionsMaxReauthMs: long('connections.max.reauth.ms', 0).doc(
    'A SASL connection must authenticate again within this time; 0: never.',
  ),
  saslServerMaxReceiveSize: int('sasl.server.max.receive.size', 524288).doc(
    'The largest SASL message before authentication.',
  ),
  oauthClockSkewSeconds: int('sasl.oauthbearer.clock.skew.seconds', 30).doc(
    'How far the clocks of broker and OAuth provider may differ.',
  ),
  oauthExpectedAudience: list('sasl.oauthbearer.expected.audience', []).doc(
    'Audiences for which an OAuth token is accepted.',
  ),
  oauthExpectedIssuer: optionalString('sasl.oauthbearer.expected.issuer').doc(
    'The issuer from which an OAuth token is accepted.',
  ),
  oauthJwksUrl: optionalString('sasl.oauthbearer.jwks.endpoint.url').doc(
    'Where the keys of the OAuth provider are: a file: URL, or one of ottla.sasl.oauthbearer.allowed.urls.',
  ),
  oauthJwksRefreshMs: long('sasl.oauthbearer.jwks.endpoint.refresh.ms', 3600000).doc(
    'How often the keys of the OAuth provider are fetched.',
  ),
  oauthScopeClaim: string('sasl.oauthbearer.scope.claim.name', 'scope').doc(
    'The claim of a token that names its scope.',
  ),
  oauthSubClaim: string('sasl.oauthbearer.sub.claim.name', 'sub').doc('The claim of a token that names its subject.'),
  oauthAllowedUrls: list('ottla.sasl.oauthbearer.allowed.urls', []).doc(
    'URLs at which keys and tokens of OAuth providers may be fetched; what Kafka has as a Java property.',
  ),
} as const;
export type SaslConfig = ConfigOf<typeof saslConfig>;

/** Of connections to other nodes, by OAUTHBEARER. */
export const brokerLoginConfig = {
  oauthTokenUrl: optionalString('sasl.oauthbearer.token.endpoint.url').doc(
    'Where brokers get tokens for each other: a file: URL, or one of ottla.sasl.oauthbearer.allowed.urls.',
  ),
  oauthClientId: optionalString('sasl.oauthbearer.client.credentials.client.id').doc(
    'The id of this broker at its OAuth provider.',
  ),
  oauthClientSecret: password('sasl.oauthbearer.client.credentials.client.secret').doc(
    'The secret of this broker at its OAuth provider.',
  ),
  oauthScope: optionalString('sasl.oauthbearer.scope').doc('The scope that this broker asks its OAuth provider for.'),
  loginRefreshWindowFactor: double('sasl.login.refresh.window.factor', 0.8)
    .dynamic(PER_BROKER)
    .doc('A token of an OAuth provider is used until this part of its time has passed.'),
} as const;
export type BrokerLoginConfig = ConfigOf<typeof brokerLoginConfig>;

/** Of the node. */
export const authenticationConfig = {
  failedAuthenticationDelayMs: int('connection.failed.authentication.delay.ms', 100)
    .atLeast(0)
    .doc('How long a failed authentication is held back before it is answered.'),
  authenticationTimeoutMs: int('ottla.authentication.timeout.ms', 30000)
    .atLeast(1)
    .doc('A connection that has not authenticated, or not agreed on TLS, after this time is closed.'),
  maxUnauthenticated: int('ottla.max.unauthenticated.connections', 4096)
    .atLeast(1)
    .doc('Connections of one listener that have not authenticated yet; for one more the oldest has to go.'),
  proxiedListeners: list('ottla.proxy.protocol.listeners', []).doc(
    'Listeners behind a load balancer whose connections begin with a header of the PROXY protocol, version 1 or 2.',
  ),
  securityInterBrokerProtocol: string('security.inter.broker.protocol', 'PLAINTEXT')
    .oneOf('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL')
    .doc('The security protocol between brokers, unless a listener is named.'),
  saslMechanismInterBroker: string('sasl.mechanism.inter.broker.protocol', 'GSSAPI')
    .dynamic(PER_BROKER)
    .doc('The SASL mechanism of connections between brokers.'),
  saslMechanismController: string('sasl.mechanism.controller.protocol', 'GSSAPI').doc(
    'The SASL mechanism of connections to controllers.',
  ),
  delegationTokenSecretKey: password('delegation.token.secret.key').doc(
    'The secret from which delegation tokens are made; the same on all brokers. Unset: there are none.',
  ),
  delegationTokenExpiryTimeMs: long('delegation.token.expiry.time.ms', 86400000)
    .atLeast(1)
    .doc('How long a delegation token holds unless it is renewed.'),
  delegationTokenMaxLifetimeMs: long('delegation.token.max.lifetime.ms', 604800000)
    .atLeast(1)
    .doc('How long a delegation token holds at most, renewed or not.'),
  delegationTokenExpiryCheckIntervalMs: long('delegation.token.expiry.check.interval.ms', 3600000)
    .atLeast(1)
    .doc('How often expired delegation tokens are removed.'),
} as const;
export type AuthenticationConfig = ConfigOf<typeof authenticationConfig>;
