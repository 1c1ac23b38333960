// Every broker config that Apache Kafka 4.3.1 knows, as facts: name | type | who may change it at run time | bounds or choices |
// default (~ is null, max is 2^63 - 1) | what setting it does here (config-effects.ts) | what it is for. Rooms declare the keys that they act on; for the rest this table
// makes `server.properties` files, DescribeConfigs and AlterConfigs work as they are (kafka-keys.ts).

export const KAFKA_KEYS_TABLE = `
add.partitions.to.txn.retry.backoff.max.ms | int | - | 0.. | 100 | acts | Longest pause before AddPartitionsToTxn is tried again on behalf of a client
add.partitions.to.txn.retry.backoff.ms | int | - | 1.. | 20 | acts | First pause before AddPartitionsToTxn is tried again on behalf of a client
advertised.listeners | list | - | - | ~ | acts | The addresses that clients are told to connect to
alter.config.policy.class.name | class | - | - | ~ | no: java | A class that may refuse changes of configs
alter.log.dirs.replication.quota.window.num | int | - | 1.. | 11 | no: paced moves | Samples kept for the quota of moves between log directories
alter.log.dirs.replication.quota.window.size.seconds | int | - | 1.. | 1 | no: paced moves | Length of a sample of the quota of moves between log directories
authorizer.class.name | string | - | - |  | acts | The class that decides who may do what; empty: everybody may do everything
auto.create.topics.enable | boolean | - | - | true | acts | A topic that a client asks for is created when it does not exist
auto.leader.rebalance.enable | boolean | - | - | true | acts | Leadership is moved back to preferred replicas in the background
background.threads | int | cluster | 1.. | 10 | no: threads | Threads for background work
broker.heartbeat.interval.ms | int | - | - | 2000 | among nodes | How often a broker tells the controller that it lives
broker.id | int | - | - | -1 | acts | The old name of node.id
broker.rack | string | - | - | ~ | acts | The rack of this broker; replicas are spread over racks
broker.session.timeout.ms | int | - | - | 9000 | acts | A broker without a heartbeat for this long is fenced
client.quota.callback.class | class | - | - | ~ | no: java | A class that sets the quotas of clients
compression.gzip.level | int | cluster | -1..9 | -1 | acts | The level for batches that the broker compresses with gzip, -1 for the library's own
compression.lz4.level | int | cluster | 1..17 | 9 | no: lz4 level | The level for batches that the broker compresses with lz4
compression.type | string | cluster | {uncompressed,zstd,lz4,snappy,gzip,producer} | producer | acts | The codec in which batches are stored; producer keeps what the producer chose
compression.zstd.level | int | cluster | -131072..22 | 3 | acts | The level for batches that the broker compresses with zstd
config.providers | list | cluster | - |  | no: java | Names of providers that resolve variables in configs
connection.failed.authentication.delay.ms | int | - | 0.. | 100 | acts | How long a failed authentication is held back before it is answered
connections.max.idle.ms | long | - | - | 600000 | acts | A connection without traffic for this long is closed
connections.max.reauth.ms | long | - | - | 0 | acts | A SASL connection must authenticate again within this time; 0: never
controlled.shutdown.enable | boolean | - | - | true | among nodes | A stopping broker gives its leaderships away first
controller.listener.names | list | - | - | ~ | acts | The listeners that the controller serves
controller.performance.always.log.threshold.ms | long | internal | 0.. | 2000 | no: event times | Controller events that take longer are always logged
controller.performance.sample.period.ms | long | internal | 100.. | 60000 | no: event times | How often the controller logs its slowest event
controller.quorum.append.linger.ms | int | - | 0.. | 25 | no: coordinator buffers | How long the metadata leader gathers records before it writes them
controller.quorum.auto.join.enable | boolean | - | - | false | among nodes | A controller that starts adds itself to the voters
controller.quorum.bootstrap.servers | list | - | - |  | among nodes | Addresses at which the metadata quorum is first sought
controller.quorum.election.backoff.max.ms | int | - | 0.. | 1000 | among nodes | Longest pause between two elections of the metadata quorum
controller.quorum.election.timeout.ms | int | - | 0.. | 1000 | among nodes | How long a candidate waits for votes
controller.quorum.fetch.max.bytes | int | - | 1.. | 1048576 | among nodes | The most bytes of one fetch of metadata records
controller.quorum.fetch.snapshot.max.bytes | int | - | 1.. | 1048576 | among nodes | The most bytes of one fetch of a metadata snapshot
controller.quorum.fetch.timeout.ms | int | - | 0.. | 2000 | among nodes | A voter that could not fetch for this long becomes a candidate
controller.quorum.request.timeout.ms | int | - | 0.. | 2000 | among nodes | The time-out of requests within the metadata quorum
controller.quorum.retry.backoff.ms | int | - | 0.. | 20 | among nodes | The pause before a request within the metadata quorum is repeated
controller.quorum.voters | list | - | - |  | acts | The voters of a static quorum, as id@host:port
controller.quota.window.num | int | - | 1.. | 11 | acts | Samples kept for the quota of controller mutations
controller.quota.window.size.seconds | int | - | 1.. | 1 | acts | Length of a sample of the quota of controller mutations
controller.socket.timeout.ms | int | - | - | 30000 | among nodes | The time-out of requests to the controller
cordoned.log.dirs | list | broker | - |  | acts | Log directories that take no new replicas
create.topic.policy.class.name | class | - | - | ~ | no: java | A class that may refuse new topics
default.replication.factor | int | - | - | 1 | acts | Replicas of a topic that is created without saying how many
delegation.token.expiry.check.interval.ms | long | - | 1.. | 3600000 | acts | How often expired delegation tokens are removed
delegation.token.expiry.time.ms | long | - | 1.. | 86400000 | acts | How long a delegation token holds unless it is renewed
delegation.token.max.lifetime.ms | long | - | 1.. | 604800000 | acts | How long a delegation token holds at most, renewed or not
delegation.token.secret.key | password | - | - | ~ | acts | The secret from which delegation tokens are made; the same on all brokers
delete.records.purgatory.purge.interval.requests | int | - | - | 1 | no: purge | Parked DeleteRecords requests between two clean-ups
delete.topic.enable | boolean | - | - | true | acts | Topics may be deleted
early.start.listeners | list | - | - | ~ | no: early listeners | Listeners that open before the broker is ready
fetch.max.bytes | int | - | 1024.. | 57671680 | acts | The most bytes of records in one Fetch response
fetch.purgatory.purge.interval.requests | int | - | - | 1000 | no: purge | Parked fetches between two clean-ups
follower.fetch.last.tiered.offset.enable | boolean | cluster | - | false | waits: tiered storage | A new follower starts behind what tiered storage has
group.consumer.assignment.interval.ms | int | cluster | 0.. | 1000 | acts | The least time between two assignments of a consumer group
group.consumer.assignors | list | - | - | uniform,range | acts | The assignors that the broker runs for consumer groups, the default first
group.consumer.heartbeat.interval.ms | int | - | 1.. | 5000 | acts | How often members of a consumer group send heartbeats
group.consumer.max.assignment.interval.ms | int | - | 0.. | 15000 | acts | The greatest consumer.assignment.interval.ms that a group may have
group.consumer.max.heartbeat.interval.ms | int | - | 1.. | 15000 | acts | The greatest consumer.heartbeat.interval.ms that a group may have
group.consumer.max.session.timeout.ms | int | - | 1.. | 60000 | acts | The greatest consumer.session.timeout.ms that a group may have
group.consumer.max.size | int | - | 1.. | 2147483647 | acts | The most members of a consumer group
group.consumer.migration.policy | string | - | - | bidirectional | acts | Which ways a group may change between the classic and the consumer protocol
group.consumer.min.assignment.interval.ms | int | - | 0.. | 0 | acts | The least consumer.assignment.interval.ms that a group may have
group.consumer.min.heartbeat.interval.ms | int | - | 1.. | 5000 | acts | The least consumer.heartbeat.interval.ms that a group may have
group.consumer.min.session.timeout.ms | int | - | 1.. | 45000 | acts | The least consumer.session.timeout.ms that a group may have
group.consumer.regex.refresh.interval.ms | int | internal | 10000.. | 600000 | acts | How often subscribed patterns are matched against new topics
group.consumer.session.timeout.ms | int | - | 1.. | 45000 | acts | A member of a consumer group without a heartbeat for this long is removed
group.coordinator.append.linger.ms | int | - | -1.. | -1 | no: coordinator buffers | How long a group coordinator gathers records before it writes them; -1: as load suggests
group.coordinator.background.threads | int | - | 1.. | 2 | no: threads | Threads for slow work of the group coordinator
group.coordinator.cached.buffer.max.bytes | int | cluster | 524288.. | 1048588 | no: coordinator buffers | The largest write buffer that a group coordinator keeps
group.coordinator.rebalance.protocols | list | - | {consumer,classic,share,streams} | classic,consumer,streams | acts | The group protocols that are served
group.coordinator.threads | int | - | 1.. | 4 | no: threads | Threads of the group coordinator
group.initial.rebalance.delay.ms | int | - | - | 3000 | acts | How long the first rebalance of a classic group waits for more members
group.max.session.timeout.ms | int | - | - | 1800000 | acts | The greatest session time-out that a member of a classic group may ask for
group.max.size | int | - | 1.. | 2147483647 | acts | The most members of a classic group
group.min.session.timeout.ms | int | - | - | 6000 | acts | The least session time-out that a member of a classic group may ask for
group.share.assignment.interval.ms | int | cluster | 0.. | 1000 | acts | The least time between two assignments of a share group
group.share.assignors | list | - | {simple} | simple | acts | The assignors that the broker runs for share groups: there is one
group.share.delivery.count.limit | int | - | 2..10 | 5 | acts | How often a record is delivered to a share group before it is given up
group.share.heartbeat.interval.ms | int | - | 1.. | 5000 | acts | How often members of a share group send heartbeats
group.share.initialize.retry.interval.ms | int | internal | 1.. | 30000 | acts | The pause before the state of a share partition is initialised again
group.share.max.assignment.interval.ms | int | - | 0.. | 15000 | acts | The greatest share.assignment.interval.ms that a group may have
group.share.max.delivery.count.limit | int | - | 5..25 | 10 | acts | The greatest share.delivery.count.limit that a group may have
group.share.max.heartbeat.interval.ms | int | - | 1.. | 15000 | acts | The greatest share.heartbeat.interval.ms that a group may have
group.share.max.partition.max.record.locks | int | - | 2000..10000 | 4000 | acts | The greatest share.partition.max.record.locks that a group may have
group.share.max.record.lock.duration.ms | int | - | 30000..3600000 | 60000 | acts | The greatest share.record.lock.duration.ms that a group may have
group.share.max.session.timeout.ms | int | - | 1.. | 60000 | acts | The greatest share.session.timeout.ms that a group may have
group.share.max.share.sessions | int | - | 1.. | 2000 | acts | The most share sessions of this broker
group.share.max.size | int | - | 1..1000 | 200 | acts | The most members of a share group
group.share.min.assignment.interval.ms | int | - | 0.. | 0 | acts | The least share.assignment.interval.ms that a group may have
group.share.min.delivery.count.limit | int | - | 2..5 | 2 | acts | The least share.delivery.count.limit that a group may have
group.share.min.heartbeat.interval.ms | int | - | 1.. | 5000 | acts | The least share.heartbeat.interval.ms that a group may have
group.share.min.partition.max.record.locks | int | - | 100..2000 | 100 | acts | The least share.partition.max.record.locks that a group may have
group.share.min.record.lock.duration.ms | int | - | 1000..30000 | 15000 | acts | The least share.record.lock.duration.ms that a group may have
group.share.min.session.timeout.ms | int | - | 1.. | 45000 | acts | The least share.session.timeout.ms that a group may have
group.share.partition.max.record.locks | int | - | 100..10000 | 2000 | acts | Records of a partition that may be on their way to a share group
group.share.persister.class.name | string | internal | - | org.apache.kafka.server.share.persister.DefaultStatePersister | no: java | The class that keeps the state of share groups
group.share.record.lock.duration.ms | int | - | 1000..3600000 | 30000 | acts | How long a record stays with a member of a share group before it is offered again
group.share.session.timeout.ms | int | - | 1.. | 45000 | acts | A member of a share group without a heartbeat for this long is removed
group.streams.assignment.interval.ms | int | cluster | 0.. | 1000 | acts | The least time between two assignments of a streams group
group.streams.heartbeat.interval.ms | int | - | 1.. | 5000 | acts | How often members of a streams group send heartbeats
group.streams.initial.rebalance.delay.ms | int | - | 0.. | 3000 | acts | How long the first assignment of a streams group waits for more members
group.streams.max.assignment.interval.ms | int | - | 0.. | 15000 | acts | The greatest streams.assignment.interval.ms that a group may have
group.streams.max.heartbeat.interval.ms | int | - | 1.. | 15000 | acts | The greatest streams.heartbeat.interval.ms that a group may have
group.streams.max.session.timeout.ms | int | - | 1.. | 60000 | acts | The greatest streams.session.timeout.ms that a group may have
group.streams.max.size | int | - | 1.. | 2147483647 | acts | The most members of a streams group
group.streams.max.standby.replicas | int | - | 0.. | 2 | acts | The most standby replicas of a task that a streams group may ask for
group.streams.min.assignment.interval.ms | int | - | 0.. | 0 | acts | The least streams.assignment.interval.ms that a group may have
group.streams.min.heartbeat.interval.ms | int | - | 1.. | 5000 | acts | The least streams.heartbeat.interval.ms that a group may have
group.streams.min.session.timeout.ms | int | - | 1.. | 45000 | acts | The least streams.session.timeout.ms that a group may have
group.streams.num.standby.replicas | int | - | 0.. | 0 | acts | Standby replicas of each task of a streams group
group.streams.session.timeout.ms | int | - | 1.. | 45000 | acts | A member of a streams group without a heartbeat for this long is removed
initial.broker.registration.timeout.ms | int | - | - | 60000 | among nodes | A broker that could not register within this time ends
inter.broker.listener.name | string | - | - | ~ | acts | The listener that brokers use among each other
internal.metadata.delete.delay.millis | long | internal | - | 60000 | no: internals | How long deleted files of the metadata log are kept
internal.metadata.log.segment.bytes | int | internal | - | ~ | no: internals | Segment size of the metadata log, for tests
internal.metadata.max.batch.size.in.bytes | int | internal | - | 8388608 | no: internals | The largest batch of metadata records
kafka.metrics.polling.interval.secs | int | - | 1.. | 10 | no: java | How often the old metrics reporters poll
kafka.metrics.reporters | list | - | - |  | no: java | Classes of the old metrics reporters
leader.imbalance.check.interval.seconds | long | - | 1.. | 300 | acts | How often leadership is compared with the preferred replicas
listener.security.protocol.map | string | broker | - | SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT | acts | The security protocol of each listener name
listeners | list | broker | - | PLAINTEXT://:9092 | acts | Where the broker listens, as NAME://host:port
log.cleaner.backoff.ms | long | cluster | 0.. | 15000 | acts | How long the cleaner sleeps when there is nothing to clean
log.cleaner.dedupe.buffer.size | long | cluster | - | 134217728 | acts | Memory of all cleaner threads for the keys of a pass
log.cleaner.delete.retention.ms | long | cluster | 0.. | 86400000 | acts | How long a compacted log keeps tombstones and transaction markers
log.cleaner.enable | boolean | - | - | true | acts | Logs with the policy compact are cleaned
log.cleaner.io.buffer.load.factor | double | cluster | - | 0.9 | acts | How full the key buffer of the cleaner may get
log.cleaner.io.buffer.size | int | cluster | 0.. | 524288 | acts | Memory of all cleaner threads for reading and writing
log.cleaner.io.max.bytes.per.second | double | cluster | - | 1.7976931348623157E308 | acts | The most bytes a second that the cleaner reads and writes
log.cleaner.max.compaction.lag.ms | long | cluster | 1.. | max | acts | A record is compacted at the latest after this time
log.cleaner.min.cleanable.ratio | double | cluster | 0..1 | 0.5 | acts | How much of a log must be dirty before it is cleaned
log.cleaner.min.compaction.lag.ms | long | cluster | 0.. | 0 | acts | A record stays as it is for at least this time
log.cleaner.threads | int | cluster | 0.. | 1 | no: threads | Threads of the cleaner
log.cleanup.policy | list | cluster | {compact,delete} | delete | acts | What happens to old segments: delete, compact or both
log.dir | list | - | - | /tmp/kafka-logs | acts | The log directory when log.dirs is not set
log.dir.failure.timeout.ms | long | - | 1.. | 30000 | among nodes | A broker that cannot report a failed log directory for this long ends
log.dirs | list | - | - | ~ | acts | The directories that hold the logs
log.flush.interval.messages | long | cluster | 1.. | max | acts | Records in a log before it is flushed to disk
log.flush.interval.ms | long | cluster | - | ~ | acts | How long a record may wait before its log is flushed to disk
log.flush.offset.checkpoint.interval.ms | int | - | 0.. | 60000 | acts | How often recovery points are written
log.flush.scheduler.interval.ms | long | - | - | max | acts | How often logs are looked at for flushing
log.flush.start.offset.checkpoint.interval.ms | int | - | 0.. | 60000 | acts | How often log start offsets are written
log.index.interval.bytes | int | cluster | 0.. | 4096 | acts | Bytes of records between two entries of the offset index
log.index.size.max.bytes | int | cluster | 4.. | 10485760 | acts | Size limit of an offset index
log.initial.task.delay.ms | long | internal | 0.. | 30000 | acts | The pause before background work on logs begins
log.local.retention.bytes | long | cluster | -2.. | -2 | waits: tiered storage | Bytes of a tiered log that stay on local disk; -2: as log.retention.bytes
log.local.retention.ms | long | cluster | -2.. | -2 | waits: tiered storage | How long a tiered log stays on local disk; -2: as log.retention.ms
log.message.timestamp.after.max.ms | long | cluster | 0.. | 3600000 | acts | How far ahead of the broker's clock a record's timestamp may be
log.message.timestamp.before.max.ms | long | cluster | 0.. | max | acts | How far behind the broker's clock a record's timestamp may be
log.message.timestamp.type | string | cluster | {CreateTime,LogAppendTime} | CreateTime | acts | Whose clock sets record timestamps: CreateTime, the producer's, or LogAppendTime, the broker's
log.preallocate | boolean | cluster | - | false | no: preallocation | New segments are created at full size
log.retention.bytes | long | cluster | - | -1 | acts | Bytes a partition keeps before old segments are deleted; -1: no limit
log.retention.check.interval.ms | long | - | 1.. | 300000 | acts | How often logs are checked for segments to delete
log.retention.hours | int | - | - | 168 | acts | How long a log is kept, in hours, unless minutes or milliseconds are set
log.retention.minutes | int | - | - | ~ | acts | How long a log is kept, in minutes, unless milliseconds are set
log.retention.ms | long | cluster | - | ~ | acts | How long a log is kept; -1: no limit
log.roll.hours | int | - | 1.. | 168 | acts | A segment is closed after this many hours, unless milliseconds are set
log.roll.jitter.hours | int | - | 0.. | 0 | acts | The most random hours by which closing a segment is brought forward
log.roll.jitter.ms | long | cluster | - | ~ | acts | The most random milliseconds by which closing a segment is brought forward
log.roll.ms | long | cluster | - | ~ | acts | A segment is closed after this time, full or not
log.segment.bytes | int | cluster | 1048576.. | 1073741824 | acts | The size at which a segment is closed
log.segment.delete.delay.ms | long | cluster | 0.. | 60000 | acts | How long a deleted file stays on disk
max.connection.creation.rate | int | cluster | 0.. | 2147483647 | acts | New connections a second
max.connections | int | cluster | 0.. | 2147483647 | acts | Connections of this broker at a time
max.connections.per.ip | int | cluster | 0.. | 2147483647 | acts | Connections of one client address at a time
max.connections.per.ip.overrides | string | cluster | - |  | acts | Other limits for single addresses, as host:limit
max.incremental.fetch.session.cache.slots | int | - | 0.. | 1000 | acts | Incremental fetch sessions that are kept
max.request.partition.size.limit | int | - | 1.. | 2000 | acts | The most partitions in one answer of DescribeTopicPartitions
message.max.bytes | int | cluster | 0.. | 1048588 | acts | The largest record batch
metadata.log.dir | string | - | - | ~ | acts | The directory of the metadata log; unset: the first log directory
metadata.log.max.record.bytes.between.snapshots | long | - | 1.. | 20971520 | acts | Bytes of metadata records before the next snapshot
metadata.log.max.snapshot.interval.ms | long | - | 0.. | 3600000 | acts | The longest time between two metadata snapshots
metadata.log.segment.bytes | int | - | 8388608.. | 1073741824 | acts | Segment size of the metadata log
metadata.log.segment.ms | long | - | - | 604800000 | acts | How long a segment of the metadata log stays open
metadata.max.idle.interval.ms | int | - | 0.. | 500 | acts | How often an idle metadata leader writes a no-op record
metadata.max.retention.bytes | long | - | - | 104857600 | acts | Bytes of metadata log and snapshots before old ones are deleted
metadata.max.retention.ms | long | - | - | 604800000 | acts | How long old metadata segments and snapshots are kept
metric.reporters | list | cluster | - | org.apache.kafka.common.metrics.JmxReporter | no: java | Classes of metrics reporters
metrics.num.samples | int | - | 1.. | 2 | no: counters | Samples kept for each metric
metrics.recording.level | string | - | - | INFO | no: one level | The finest level at which metrics are recorded
metrics.sample.window.ms | long | - | 1.. | 30000 | no: counters | Length of a sample of a metric
min.insync.replicas | int | cluster | 1.. | 1 | acts | Replicas that must have a batch before a producer with acks=all is answered
node.id | int | - | 0.. | ~ | acts | The id of this node, unique over brokers and controllers
num.io.threads | int | cluster | 1.. | 8 | no: threads | Threads that serve requests
num.network.threads | int | cluster | 1.. | 3 | no: threads | Threads that read and write connections of a listener
num.partitions | int | - | 1.. | 1 | acts | Partitions of a topic that is created without saying how many
num.recovery.threads.per.data.dir | int | cluster | 1.. | 2 | no: threads | Threads that recover the logs of a directory
num.replica.alter.log.dirs.threads | int | - | - | ~ | no: threads | Threads that move replicas between log directories
num.replica.fetchers | int | cluster | 1.. | 1 | acts | Connections to each leader for replication
offset.metadata.max.bytes | int | - | - | 4096 | acts | The most bytes of text beside a committed offset
offsets.commit.timeout.ms | int | - | 1.. | 5000 | acts | How long a commit waits for replicas of the offsets topic
offsets.load.buffer.size | int | - | 1.. | 5242880 | acts | Bytes of one read when the offsets topic is loaded
offsets.retention.check.interval.ms | long | - | 1.. | 600000 | acts | How often old committed offsets are sought
offsets.retention.minutes | int | - | 1.. | 10080 | acts | How long the offsets of an empty group are kept
offsets.topic.compression.codec | int | - | - | 0 | acts | The codec of the offsets topic, by number
offsets.topic.num.partitions | int | - | 1.. | 50 | acts | Partitions of the offsets topic
offsets.topic.replication.factor | short | - | 1.. | 3 | acts | Replicas of the offsets topic
offsets.topic.segment.bytes | int | - | 1.. | 104857600 | acts | Segment size of the offsets topic
principal.builder.class | class | broker | - | org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder | no: java | The class that names who has authenticated
process.roles | list | - | {broker,controller} | ~ | acts | What this node is: broker, controller or both
producer.id.expiration.check.interval.ms | int | internal | 1.. | 600000 | acts | How often idle producer states are sought
producer.id.expiration.ms | int | cluster | 1.. | 86400000 | acts | A producer that wrote nothing for this long is forgotten by a partition
producer.purgatory.purge.interval.requests | int | - | - | 1000 | no: purge | Parked produce requests between two clean-ups
queued.max.request.bytes | long | - | - | -1 | acts | Bytes of requests that wait to be served before reading stops; -1: no limit
queued.max.requests | int | - | 1.. | 500 | no: request queue | Requests that wait to be served before reading stops
quota.window.num | int | - | 1.. | 11 | acts | Samples kept for client quotas
quota.window.size.seconds | int | - | 1.. | 1 | acts | Length of a sample of client quotas
remote.fetch.max.wait.ms | int | cluster | 1.. | 500 | waits: tiered storage | How long a fetch waits for tiered storage
remote.list.offsets.request.timeout.ms | long | cluster | 1.. | 30000 | waits: tiered storage | How long ListOffsets waits for tiered storage
remote.log.index.file.cache.total.size.bytes | long | cluster | 1.. | 1073741824 | waits: tiered storage | Disk space for indexes fetched from tiered storage
remote.log.index.file.cache.ttl.ms | long | internal | -1.. | 900000 | waits: tiered storage | How long an index fetched from tiered storage is kept unused
remote.log.manager.copier.thread.pool.size | int | cluster | 1.. | 10 | waits: tiered storage | Threads that copy segments to tiered storage
remote.log.manager.copy.max.bytes.per.second | long | cluster | 1.. | max | waits: tiered storage | The most bytes a second copied to tiered storage
remote.log.manager.copy.quota.window.num | int | - | 1.. | 11 | waits: tiered storage | Samples kept for the quota of copies to tiered storage
remote.log.manager.copy.quota.window.size.seconds | int | - | 1.. | 1 | waits: tiered storage | Length of a sample of the quota of copies to tiered storage
remote.log.manager.expiration.thread.pool.size | int | cluster | 1.. | 10 | waits: tiered storage | Threads that delete segments from tiered storage
remote.log.manager.fetch.max.bytes.per.second | long | cluster | 1.. | max | waits: tiered storage | The most bytes a second fetched from tiered storage
remote.log.manager.fetch.quota.window.num | int | - | 1.. | 11 | waits: tiered storage | Samples kept for the quota of fetches from tiered storage
remote.log.manager.fetch.quota.window.size.seconds | int | - | 1.. | 1 | waits: tiered storage | Length of a sample of the quota of fetches from tiered storage
remote.log.manager.follower.thread.pool.size | int | cluster | 1.. | 2 | waits: tiered storage | Threads that follow tiered partitions
remote.log.manager.task.interval.ms | long | - | 1.. | 30000 | waits: tiered storage | How often tiered storage work is looked for
remote.log.manager.task.retry.backoff.max.ms | long | internal | 1.. | 30000 | waits: tiered storage | Longest pause before failed tiered storage work is repeated
remote.log.manager.task.retry.backoff.ms | long | internal | 1.. | 500 | waits: tiered storage | First pause before failed tiered storage work is repeated
remote.log.manager.task.retry.jitter | double | internal | 0..0.5 | 0.2 | waits: tiered storage | Random share of the pause before failed tiered storage work is repeated
remote.log.manager.thread.pool.size | int | - | 1.. | 2 | waits: tiered storage | Threads for tiered storage work
remote.log.metadata.custom.metadata.max.bytes | int | - | 0.. | 128 | waits: tiered storage | The most bytes of metadata that a storage plug-in may add to a segment
remote.log.metadata.manager.class.name | string | - | - | org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager | waits: tiered storage | The class that keeps the metadata of tiered segments
remote.log.metadata.manager.class.path | string | - | - | ~ | waits: tiered storage | Where that class is loaded from
remote.log.metadata.manager.impl.prefix | string | - | - | rlmm.config. | waits: tiered storage | Prefix of the configs that are handed to that class
remote.log.metadata.manager.listener.name | string | - | - | ~ | waits: tiered storage | The listener that this class connects to
remote.log.reader.max.pending.tasks | int | - | 1.. | 100 | waits: tiered storage | Reads from tiered storage that may wait
remote.log.reader.threads | int | cluster | 1.. | 10 | waits: tiered storage | Threads that read from tiered storage
remote.log.storage.manager.class.name | string | - | - | ~ | waits: tiered storage | The class that stores tiered segments
remote.log.storage.manager.class.path | string | - | - | ~ | waits: tiered storage | Where that class is loaded from
remote.log.storage.manager.impl.prefix | string | - | - | rsm.config. | waits: tiered storage | Prefix of the configs that are handed to that class
remote.log.storage.system.enable | boolean | - | - | false | waits: tiered storage | Tiered storage is on
replica.fetch.backoff.ms | int | - | 0.. | 1000 | acts | How long a follower rests after a failed fetch
replica.fetch.max.bytes | int | - | 0.. | 1048576 | acts | Bytes that a follower asks for in each partition
replica.fetch.min.bytes | int | - | - | 1 | acts | The least bytes that a leader gathers before it answers a follower
replica.fetch.response.max.bytes | int | - | 0.. | 10485760 | acts | Bytes that a follower asks for in a whole fetch
replica.fetch.wait.max.ms | int | - | - | 500 | acts | How long a follower's fetch may be parked at the leader
replica.high.watermark.checkpoint.interval.ms | long | - | - | 5000 | acts | How often high watermarks are written
replica.lag.time.max.ms | long | - | - | 30000 | acts | A follower that lags for this long leaves the in-sync replicas
replica.selector.class | string | - | - | ~ | acts | The class that picks the replica that a consumer reads from
replica.socket.receive.buffer.bytes | int | - | - | 65536 | no: system | Receive buffer of a follower's connections
replica.socket.timeout.ms | int | - | - | 30000 | acts | The time-out of a follower's requests
replication.quota.window.num | int | - | 1.. | 11 | acts | Samples kept for the replication quotas
replication.quota.window.size.seconds | int | - | 1.. | 1 | acts | Length of a sample of the replication quotas
request.timeout.ms | int | - | - | 30000 | among nodes | The time-out of requests that the broker sends
sasl.client.callback.handler.class | class | - | - | ~ | no: java | The SASL callback handler of connections that the broker makes
sasl.enabled.mechanisms | list | broker | - | GSSAPI | acts | The SASL mechanisms that clients may use
sasl.jaas.config | password | broker | - | ~ | acts | The login of a SASL listener, in the format of JAAS files
sasl.kerberos.kinit.cmd | string | broker | - | /usr/bin/kinit | no: kerberos | The path of kinit
sasl.kerberos.min.time.before.relogin | long | broker | - | 60000 | no: kerberos | The pause between two renewals of a Kerberos ticket
sasl.kerberos.principal.to.local.rules | list | broker | - | DEFAULT | no: kerberos | How Kerberos principals become short names
sasl.kerberos.service.name | string | broker | - | ~ | no: kerberos | The Kerberos name of the service
sasl.kerberos.ticket.renew.jitter | double | broker | - | 0.05 | no: kerberos | Random share of the time after which a Kerberos ticket is renewed
sasl.kerberos.ticket.renew.window.factor | double | broker | - | 0.8 | no: kerberos | Share of its life after which a Kerberos ticket is renewed
sasl.login.callback.handler.class | class | - | - | ~ | no: java | The callback handler of logins
sasl.login.class | class | - | - | ~ | no: java | The class that logs in
sasl.login.connect.timeout.ms | int | - | - | ~ | no: oauth client | The time-out of connecting to an OAuth provider
sasl.login.read.timeout.ms | int | - | - | ~ | no: oauth client | The time-out of reading from an OAuth provider
sasl.login.refresh.buffer.seconds | short | broker | - | 300 | no: oauth client | How long before its end a token is renewed at the latest
sasl.login.refresh.min.period.seconds | short | broker | - | 60 | no: oauth client | How long a token is kept before it may be renewed
sasl.login.refresh.window.factor | double | broker | - | 0.8 | acts | Share of its life after which a token is renewed
sasl.login.refresh.window.jitter | double | broker | - | 0.05 | no: oauth client | Random share of the time after which a token is renewed
sasl.login.retry.backoff.max.ms | long | - | - | 10000 | no: oauth client | Longest pause between two tries to log in at an OAuth provider
sasl.login.retry.backoff.ms | long | - | - | 100 | no: oauth client | First pause between two tries to log in at an OAuth provider
sasl.mechanism.controller.protocol | string | - | - | GSSAPI | acts | The SASL mechanism of connections to controllers
sasl.mechanism.inter.broker.protocol | string | broker | - | GSSAPI | acts | The SASL mechanism of connections between brokers
sasl.oauthbearer.assertion.algorithm | string | - | {ES256,RS256,es256,rs256} | RS256 | no: oauth assertions | The algorithm that signs OAuth assertions
sasl.oauthbearer.assertion.claim.aud | string | - | - | ~ | no: oauth assertions | The audience claim of OAuth assertions
sasl.oauthbearer.assertion.claim.exp.seconds | int | - | 0..86400 | 300 | no: oauth assertions | How long an OAuth assertion holds
sasl.oauthbearer.assertion.claim.iss | string | - | - | ~ | no: oauth assertions | The issuer claim of OAuth assertions
sasl.oauthbearer.assertion.claim.jti.include | boolean | - | - | false | no: oauth assertions | OAuth assertions carry a unique id
sasl.oauthbearer.assertion.claim.nbf.seconds | int | - | 0..3600 | 60 | no: oauth assertions | How long before now an OAuth assertion begins to hold
sasl.oauthbearer.assertion.claim.sub | string | - | - | ~ | no: oauth assertions | The subject claim of OAuth assertions
sasl.oauthbearer.assertion.file | string | - | - | ~ | no: oauth assertions | A file that holds a ready OAuth assertion
sasl.oauthbearer.assertion.private.key.file | string | - | - | ~ | no: oauth assertions | The file of the key that signs OAuth assertions
sasl.oauthbearer.assertion.private.key.passphrase | password | - | - | ~ | no: oauth assertions | The password of that key
sasl.oauthbearer.assertion.template.file | string | - | - | ~ | no: oauth assertions | A file with more claims for OAuth assertions
sasl.oauthbearer.client.credentials.client.id | string | - | - | ~ | acts | The client id at the OAuth provider
sasl.oauthbearer.client.credentials.client.secret | password | - | - | ~ | acts | The client secret at the OAuth provider
sasl.oauthbearer.clock.skew.seconds | int | - | - | 30 | acts | How far the clocks of broker and OAuth provider may differ
sasl.oauthbearer.expected.audience | list | - | - |  | acts | Audiences for which an OAuth token is accepted
sasl.oauthbearer.expected.issuer | string | - | - | ~ | acts | The issuer from which an OAuth token is accepted
sasl.oauthbearer.jwks.endpoint.refresh.ms | long | - | - | 3600000 | acts | How often the keys of the OAuth provider are fetched
sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms | long | - | - | 10000 | no: oauth client | Longest pause between two tries to fetch these keys
sasl.oauthbearer.jwks.endpoint.retry.backoff.ms | long | - | - | 100 | no: oauth client | First pause between two tries to fetch these keys
sasl.oauthbearer.jwks.endpoint.url | string | - | - | ~ | acts | Where the keys of the OAuth provider are
sasl.oauthbearer.jwt.retriever.class | class | - | - | org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever | no: java | The class that fetches OAuth tokens
sasl.oauthbearer.jwt.validator.class | class | - | - | org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator | no: java | The class that checks OAuth tokens
sasl.oauthbearer.scope | string | - | - | ~ | acts | The scope that is asked for at the OAuth provider
sasl.oauthbearer.scope.claim.name | string | - | - | scope | acts | The claim of a token that names its scope
sasl.oauthbearer.sub.claim.name | string | - | - | sub | acts | The claim of a token that names its subject
sasl.oauthbearer.token.endpoint.url | string | - | - | ~ | acts | Where OAuth tokens are fetched
sasl.server.callback.handler.class | class | - | - | ~ | acts | The SASL callback handler of a listener
sasl.server.max.receive.size | int | - | - | 524288 | acts | The largest SASL message before authentication
security.inter.broker.protocol | string | - | {PLAINTEXT,SSL,SASL_PLAINTEXT,SASL_SSL} | PLAINTEXT | acts | The security protocol between brokers, unless a listener is named
security.providers | string | - | - | ~ | no: java | Classes of Java security providers
server.max.startup.time.ms | long | internal | 0.. | max | no: internals | A broker that has not started within this time ends
share.coordinator.append.linger.ms | int | - | -1.. | -1 | no: coordinator buffers | How long a share coordinator gathers records before it writes them; -1: as load suggests
share.coordinator.cached.buffer.max.bytes | int | cluster | 524288.. | 1048588 | no: coordinator buffers | The largest write buffer that a share coordinator keeps
share.coordinator.cold.partition.snapshot.interval.ms | int | internal | 1.. | 300000 | acts | How often idle share partitions are written whole
share.coordinator.load.buffer.size | int | - | 1.. | 5242880 | acts | Bytes of one read when the share state topic is loaded
share.coordinator.snapshot.update.records.per.snapshot | int | - | 0..500 | 500 | acts | Changes of a share partition before it is written whole
share.coordinator.state.topic.compression.codec | int | - | - | 0 | acts | The codec of the share state topic, by number
share.coordinator.state.topic.min.isr | short | - | 1.. | 2 | acts | min.insync.replicas of the share state topic
share.coordinator.state.topic.num.partitions | int | - | 1.. | 50 | acts | Partitions of the share state topic
share.coordinator.state.topic.prune.interval.ms | int | internal | 1.. | 300000 | acts | How often old records of the share state topic are deleted
share.coordinator.state.topic.replication.factor | short | - | 1.. | 3 | acts | Replicas of the share state topic
share.coordinator.state.topic.segment.bytes | int | - | 1.. | 104857600 | acts | Segment size of the share state topic
share.coordinator.threads | int | - | 1.. | 1 | no: threads | Threads of the share coordinator
share.coordinator.write.timeout.ms | int | - | 1.. | 5000 | acts | How long a write waits for replicas of the share state topic
share.fetch.purgatory.purge.interval.requests | int | - | - | 1000 | no: purge | Parked share fetches between two clean-ups
socket.connection.setup.timeout.max.ms | long | - | - | 30000 | among nodes | Longest time-out of setting up a connection to another node
socket.connection.setup.timeout.ms | long | - | - | 10000 | among nodes | First time-out of setting up a connection to another node
socket.listen.backlog.size | int | - | 1.. | 50 | no: system | Connections that may wait to be accepted
socket.receive.buffer.bytes | int | - | - | 102400 | no: system | Receive buffer of client connections
socket.request.max.bytes | int | - | 1.. | 104857600 | acts | The largest request
socket.send.buffer.bytes | int | - | - | 102400 | no: system | Send buffer of client connections
ssl.allow.dn.changes | boolean | - | - | false | acts | A renewed certificate may have another distinguished name
ssl.allow.san.changes | boolean | - | - | false | acts | A renewed certificate may have other alternative names
ssl.cipher.suites | list | broker | - |  | acts | The cipher suites that may be used
ssl.client.auth | string | broker | {required,requested,none} | none | acts | Whether clients must show a certificate
ssl.enabled.protocols | list | broker | - | TLSv1.2,TLSv1.3 | acts | The TLS versions that may be used
ssl.endpoint.identification.algorithm | string | broker | - | https | acts | How a server's name is checked against its certificate
ssl.engine.factory.class | class | broker | - | ~ | no: java | The class that makes TLS engines
ssl.key.password | password | broker | - | ~ | acts | The password of the private key
ssl.keymanager.algorithm | string | broker | - | SunX509 | no: java | The algorithm of the key manager
ssl.keystore.certificate.chain | password | broker | - | ~ | acts | The certificate chain, as PEM text
ssl.keystore.key | password | broker | - | ~ | acts | The private key, as PEM text
ssl.keystore.location | string | broker | - | ~ | acts | The file of the key store
ssl.keystore.password | password | broker | - | ~ | acts | The password of the key store
ssl.keystore.type | string | broker | - | JKS | acts | The format of the key store
ssl.principal.mapping.rules | string | - | - | DEFAULT | acts | How names in certificates become principals
ssl.protocol | string | broker | - | TLSv1.3 | no: java | The TLS version that contexts are made for
ssl.provider | string | broker | - | ~ | no: java | The name of the Java security provider for TLS
ssl.secure.random.implementation | string | broker | - | ~ | no: java | The random generator for TLS
ssl.trustmanager.algorithm | string | broker | - | PKIX | no: java | The algorithm of the trust manager
ssl.truststore.certificates | password | broker | - | ~ | acts | Trusted certificates, as PEM text
ssl.truststore.location | string | broker | - | ~ | acts | The file of the trust store
ssl.truststore.password | password | broker | - | ~ | acts | The password of the trust store
ssl.truststore.type | string | broker | - | JKS | acts | The format of the trust store
telemetry.max.bytes | int | - | 1.. | 1048576 | acts | The largest push of client metrics
transaction.abort.timed.out.transaction.cleanup.interval.ms | int | - | 1.. | 10000 | acts | How often transactions beyond their time-out are aborted
transaction.max.timeout.ms | int | - | 1.. | 900000 | acts | The longest time-out that a transaction may ask for
transaction.partition.verification.enable | boolean | cluster | - | true | acts | A transactional write is checked against the coordinator's state
transaction.remove.expired.transaction.cleanup.interval.ms | int | - | 1.. | 3600000 | acts | How often expired transactional ids are removed
transaction.state.log.load.buffer.size | int | - | 1.. | 5242880 | acts | Bytes of one read when the transaction topic is loaded
transaction.state.log.min.isr | int | - | 1.. | 2 | acts | min.insync.replicas of the transaction topic
transaction.state.log.num.partitions | int | - | 1.. | 50 | acts | Partitions of the transaction topic
transaction.state.log.replication.factor | short | - | 1.. | 3 | acts | Replicas of the transaction topic
transaction.state.log.segment.bytes | int | - | 1.. | 104857600 | acts | Segment size of the transaction topic
transaction.two.phase.commit.enable | boolean | - | - | false | no: unstable | Transactions may be kept open for an outside coordinator (KIP-939)
transactional.id.expiration.ms | int | - | 1.. | 604800000 | acts | An unused transactional id is forgotten after this time
unclean.leader.election.enable | boolean | cluster | - | false | acts | A replica that is not in sync may become leader, losing records
unclean.leader.election.interval.ms | long | internal | 1.. | 300000 | acts | How often leaderless partitions are looked at for unclean elections
unstable.api.versions.enable | boolean | internal | - | false | no: unstable | API versions that are still in the making are served
unstable.feature.versions.enable | boolean | internal | - | false | no: unstable | Feature levels that are still in the making may be finalised
`;
