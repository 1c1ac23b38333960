// The keys of Kafka 4.3's producer, consumer and admin client: what is none of them is most likely a slip, and is told, with the key
// that it comes nearest to.

/** Without their prefix, by groups, as in CommonClientConfigs, ProducerConfig, ConsumerConfig, SslConfigs, SaslConfigs. */
const KNOWN = `
bootstrap.servers client.dns.lookup metadata.max.age.ms send.buffer.bytes receive.buffer.bytes client.id client.rack
reconnect.backoff.ms reconnect.backoff.max.ms retries retry.backoff.ms retry.backoff.max.ms request.timeout.ms
default.api.timeout.ms socket.connection.setup.timeout.ms socket.connection.setup.timeout.max.ms connections.max.idle.ms
security.protocol security.providers metrics.sample.window.ms metrics.num.samples metrics.recording.level metric.reporters
auto.include.jmx.reporter enable.metrics.push metadata.recovery.strategy metadata.recovery.rebootstrap.trigger.ms
bootstrap.controllers interceptor.classes
batch.size acks linger.ms max.request.size max.block.ms buffer.memory compression.type compression.gzip.level
compression.lz4.level compression.zstd.level delivery.timeout.ms metadata.max.idle.ms max.in.flight.requests.per.connection
key.serializer value.serializer partitioner.class partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms
partitioner.ignore.keys enable.idempotence transaction.timeout.ms transactional.id transaction.two.phase.commit.enable
group.id group.instance.id max.poll.records max.poll.interval.ms session.timeout.ms heartbeat.interval.ms
enable.auto.commit auto.commit.interval.ms partition.assignment.strategy auto.offset.reset fetch.min.bytes fetch.max.bytes
fetch.max.wait.ms max.partition.fetch.bytes check.crcs key.deserializer value.deserializer exclude.internal.topics
isolation.level allow.auto.create.topics group.protocol group.remote.assignor share.acknowledgement.mode share.acquire.mode
internal.leave.group.on.close internal.throw.on.fetch.stable.offset.unsupported
ssl.protocol ssl.provider ssl.cipher.suites ssl.enabled.protocols ssl.keystore.type ssl.keystore.key
ssl.keystore.certificate.chain ssl.keystore.location ssl.keystore.password ssl.key.password ssl.truststore.type
ssl.truststore.location ssl.truststore.password ssl.truststore.certificates ssl.keymanager.algorithm
ssl.trustmanager.algorithm ssl.endpoint.identification.algorithm ssl.secure.random.implementation ssl.engine.factory.class
sasl.mechanism sasl.jaas.config sasl.kerberos.service.name sasl.kerberos.kinit.cmd sasl.kerberos.ticket.renew.window.factor
sasl.kerberos.ticket.renew.jitter sasl.kerberos.min.time.before.relogin sasl.login.refresh.window.factor
sasl.login.refresh.window.jitter sasl.login.refresh.min.period.seconds sasl.login.refresh.buffer.seconds
sasl.client.callback.handler.class sasl.login.callback.handler.class sasl.login.class sasl.login.connect.timeout.ms
sasl.login.read.timeout.ms sasl.login.retry.backoff.max.ms sasl.login.retry.backoff.ms sasl.oauthbearer.scope.claim.name
sasl.oauthbearer.sub.claim.name sasl.oauthbearer.token.endpoint.url sasl.oauthbearer.jwks.endpoint.url
sasl.oauthbearer.jwks.endpoint.refresh.ms sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms
sasl.oauthbearer.jwks.endpoint.retry.backoff.ms sasl.oauthbearer.clock.skew.seconds sasl.oauthbearer.expected.audience
sasl.oauthbearer.expected.issuer sasl.oauthbearer.header.urlencode sasl.oauthbearer.iat.validation.enabled
sasl.oauthbearer.jwt.retriever.class sasl.oauthbearer.jwt.validator.class sasl.oauthbearer.scope
sasl.oauthbearer.client.credentials.client.id sasl.oauthbearer.client.credentials.client.secret
sasl.oauthbearer.assertion.algorithm sasl.oauthbearer.assertion.claim.aud sasl.oauthbearer.assertion.claim.exp.seconds
sasl.oauthbearer.assertion.claim.iss sasl.oauthbearer.assertion.claim.jti.include sasl.oauthbearer.assertion.claim.nbf.seconds
sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.file sasl.oauthbearer.assertion.private.key.file
sasl.oauthbearer.assertion.private.key.passphrase sasl.oauthbearer.assertion.template.file
`
  .trim()
  .split(/\s+/);

/** A sentence about the keys that nobody knows; undefined: all are known. */
export function aboutUnknownKeys(names: readonly string[]): string | undefined {
  const known = new Set(KNOWN);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return undefined;
  const said = unknown.map((name) => {
    const near = nearestKey(name);
    return near === undefined ? name : `${name} (did you mean ${near}?)`;
  });
  return `unknown config keys have no effect: ${said.join(', ')}`;
}

/** undefined: none comes near. */
function nearestKey(name: string): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 4)) + 1;
  for (const key of KNOWN) {
    if (Math.abs(key.length - name.length) >= least) continue;
    const distance = distanceBetween(name, key);
    if (distance < least) [nearest, least] = [key, distance];
  }
  return nearest;
}

/** Letters to add, take away or change (Levenshtein). */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}
