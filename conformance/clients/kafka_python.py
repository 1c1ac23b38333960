"""kafka-python, all in Python, with its defaults: an idempotent producer, classic groups, a wide admin client."""

import threading

from checks import RECENT, check, main, raised, same, that, unique, until
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition, errors
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec


def admin_of(bootstrap):
    return KafkaAdminClient(bootstrap_servers=bootstrap)


def made(bootstrap, partitions=1, configs=None):
    """A topic of its own for a check, led when it is returned."""
    topic = unique("kafka-python")
    admin = admin_of(bootstrap)
    options = {"num_partitions": partitions, "replication_factor": 1, "configs": configs or {}}
    admin.create_topics({topic: options}, wait_for_metadata=True)
    admin.close()
    return topic


def produced(bootstrap, topic, values, partition=None, **settings):
    producer = KafkaProducer(bootstrap_servers=bootstrap, **settings)
    futures = [producer.send(topic, value=value, partition=partition) for value in values]
    offsets = [future.get(30).offset for future in futures]
    producer.close()
    return offsets


def consumer(bootstrap, *topics, group=None, **settings):
    options = {"auto_offset_reset": "earliest", "heartbeat_interval_ms": 500, "session_timeout_ms": 10000}
    return KafkaConsumer(*topics, bootstrap_servers=bootstrap, group_id=group, **{**options, **settings})


def consumed(reader, count):
    records = []

    def enough():
        for batch in reader.poll(100, max_records=count - len(records)).values():
            records.extend(batch)
        return len(records) >= count

    until(enough, f"{count} records")
    return records


def read_all(bootstrap, topic, count, partition=0):
    reader = consumer(bootstrap)
    reader.assign([TopicPartition(topic, partition)])
    records = consumed(reader, count)
    reader.close()
    return records


class Member(threading.Thread):
    """A consumer that polls in a thread of its own, as it must not be polled by two."""

    def __init__(self, bootstrap, topic, group, **settings):
        super().__init__(daemon=True)
        self.reader = consumer(bootstrap, topic, group=group, **settings)
        self.partitions = []
        self.values = []
        self.failure = None
        self._is_leaving = threading.Event()
        self.start()

    def run(self):
        try:
            while not self._is_leaving.is_set():
                for batch in self.reader.poll(100).values():
                    self.values.extend(record.value for record in batch)
                self.partitions = sorted(tp.partition for tp in self.reader.assignment())
            self.reader.close()
        except Exception as error:
            self.failure = error

    def leave(self):
        self._is_leaving.set()
        self.join(20)
        that(self.failure is None and not self.is_alive(), f"a member ended with {self.failure}")


def settled(members, partitions):
    def is_shared():
        owned = [member.partitions for member in members]
        return owned if all(owned) and sorted(sum(owned, [])) == list(range(partitions)) else None

    return until(is_shared, f"{partitions} partitions shared by {len(members)} members")


@check("producer: keys, values, nulls, headers, timestamps")
def producer_round_trip(bootstrap):
    topic = made(bootstrap)
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    headers = [("one", b"1"), ("two", b"a"), ("two", b"b")]
    sent = producer.send(topic, key=b"k", value=b"v", headers=headers, timestamp_ms=RECENT).get(10)
    same((sent.offset, sent.timestamp), (0, RECENT), "acknowledged")
    producer.send(topic, key=b"only a key", value=None).get(10)
    producer.close()
    first, null = read_all(bootstrap, topic, 2)
    same((first.key, first.value, list(first.headers), first.timestamp), (b"k", b"v", headers, sent.timestamp), "first")
    same((null.key, null.value, list(null.headers)), (b"only a key", None, []), "null")


@check("producer: gzip, in order and once")
def producer_gzip(bootstrap):
    topic = made(bootstrap)
    values = [f"value {i} {'y' * (i % 300)}".encode() for i in range(2_000)]
    same(produced(bootstrap, topic, values, compression_type="gzip"), list(range(2_000)), "offsets")
    same([record.value for record in read_all(bootstrap, topic, 2_000)], values, "values")


@check("producer: acks 0 and 1, without idempotence")
def producer_acks(bootstrap):
    topic = made(bootstrap)
    for acks in (0, 1):
        produced(bootstrap, topic, [b"a", b"b"], acks=acks, enable_idempotence=False)
    same([record.value for record in read_all(bootstrap, topic, 4)], [b"a", b"b"] * 2, "values")


@check("producer: a record that is too large for the topic")
def producer_too_large(bootstrap):
    topic = made(bootstrap, configs={"max.message.bytes": "2000"})
    raised(errors.MessageSizeTooLargeError, lambda: produced(bootstrap, topic, [b"x" * 5_000]))


def members_check(count):
    @check(f"group: {count} members share, one leaves, the others take over")
    def share(bootstrap):
        topic = made(bootstrap, 10)
        group = unique("group")
        members = []
        for _ in range(count):
            members.append(Member(bootstrap, topic, group))
            settled(members, 10)
        members.pop(0).leave()
        settled(members, 10)
        values = [str(i).encode() for i in range(100)]
        for partition in range(10):
            produced(bootstrap, topic, values[partition::10], partition=partition)
        until(lambda: sum(len(member.values) for member in members) >= 100, "100 records")
        same(sorted(sum((member.values for member in members), [])), sorted(values), "values")
        for member in members:
            member.leave()


for each in (2, 4):
    members_check(each)


@check("group: commit with metadata and resume")
def group_commit(bootstrap):
    topic = made(bootstrap)
    group = unique("group")
    produced(bootstrap, topic, [str(i).encode() for i in range(10)])
    first = consumer(bootstrap, topic, group=group, enable_auto_commit=False)
    consumed(first, 4)
    first.commit({TopicPartition(topic, 0): OffsetAndMetadata(4, "a note", -1)})
    same(first.committed(TopicPartition(topic, 0), metadata=True), OffsetAndMetadata(4, "a note", -1), "committed")
    first.close()
    second = consumer(bootstrap, topic, group=group)
    same([record.offset for record in consumed(second, 6)], [4, 5, 6, 7, 8, 9], "offsets")
    second.close()


@check("group: a static member comes back to what it had")
def group_static(bootstrap):
    topic = made(bootstrap, 4)
    group = unique("group")
    options = {"session_timeout_ms": 30000}
    stays = Member(bootstrap, topic, group, group_instance_id="stays", **options)
    moves = Member(bootstrap, topic, group, group_instance_id="moves", **options)
    owned = settled([stays, moves], 4)
    moves.leave()
    admin = admin_of(bootstrap)
    members = admin.describe_groups([group])[group]["members"]
    same(sorted(one["group_instance_id"] for one in members), ["moves", "stays"], "members after close()")
    again = Member(bootstrap, topic, group, group_instance_id="moves", **options)
    same(settled([stays, again], 4), owned, "the same shares")
    again.leave()
    stays.leave()


@check("consumer: seek, pause, offsets by time")
def consumer_place(bootstrap):
    topic = made(bootstrap)
    partition = TopicPartition(topic, 0)
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for i in range(10):
        producer.send(topic, value=b"x", timestamp_ms=RECENT + i * 1_000)
    producer.close()
    reader = consumer(bootstrap, topic, group=unique("group"))
    consumed(reader, 10)
    reader.seek(partition, 7)
    same([record.offset for record in consumed(reader, 3)], [7, 8, 9], "after seek")
    reader.seek_to_beginning(partition)
    same(reader.position(partition), 0, "position")
    reader.pause(partition)
    same(reader.poll(500), {}, "while paused")
    reader.resume(partition)
    same(len(consumed(reader, 10)), 10, "after resume")
    found = reader.offsets_for_times({partition: RECENT + 4_500})[partition]
    same((found.offset, found.timestamp), (5, RECENT + 5_000), "by time")
    same((reader.beginning_offsets([partition]), reader.end_offsets([partition])), ({partition: 0}, {partition: 10}), "ends")
    reader.close()


@check("admin: topics and partitions")
def topics(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap, 2)
    raised(errors.TopicAlreadyExistsError, lambda: admin.create_topics([topic]))
    raised(errors.InvalidTopicError, lambda: admin.create_topics(["no/such name"]))
    [described] = admin.describe_topics([topic])
    same([(p["partition_index"], p["leader_id"], p["isr_nodes"]) for p in described["partitions"]], [(0, 0, [0]), (1, 0, [0])], "partitions")
    that("ALTER_CONFIGS" in described["authorized_operations"], str(described))
    admin.create_partitions({topic: 5})
    until(lambda: len(admin.describe_topics([topic])[0]["partitions"]) == 5, "five partitions")
    [paged] = admin.describe_topic_partitions([topic])["topics"]
    same([p["partition_index"] for p in paged["partitions"]], [0, 1, 2, 3, 4], "DescribeTopicPartitions")
    admin.delete_topics([topic])
    until(lambda: topic not in admin.list_topics(), "deleted")
    raised(errors.UnknownTopicOrPartitionError, lambda: admin.delete_topics([topic]))


@check("admin: configs")
def configs(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    of_topic = ConfigResource(ConfigResourceType.TOPIC, topic)

    def retention():
        found = admin.describe_configs([of_topic], config_filter="all", include_synonyms=True)
        return found["topic"][topic]["retention.ms"]

    same((retention()["value"], retention()["config_source"]), ("604800000", "DEFAULT_CONFIG"), "before")
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "7000"})])
    # A change is answered before every broker acts on it.
    until(lambda: retention()["value"] == "7000", "set")
    same(retention()["config_source"], "DYNAMIC_TOPIC_CONFIG", "source")
    same(retention()["synonyms"][0]["name"], "retention.ms", "synonyms")
    admin.reset_configs([ConfigResource(ConfigResourceType.TOPIC, topic, ["retention.ms"])])
    until(lambda: retention()["value"] == "604800000", "reset")
    broker = admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, "0")], config_filter="all")
    same(broker["broker"]["0"]["num.partitions"]["value"], "4", "num.partitions")
    that(topic in admin.list_config_resources(["TOPIC"])["topic"], "list_config_resources")


@check("admin: groups and their offsets")
def groups(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    partition = TopicPartition(topic, 0)
    group = unique("group")
    produced(bootstrap, topic, [b"x"] * 5)
    member = Member(bootstrap, topic, group)
    until(lambda: len(member.values) == 5, "records")
    listed = {one["group_id"]: one for one in admin.list_groups()}[group]
    same((listed["group_state"], listed["group_type"]), ("Stable", "classic"), "listed")
    same([one for one in admin.list_groups(states_filter=["Empty"]) if one["group_id"] == group], [], "by another state")
    described = admin.describe_groups([group], include_authorized_operations=True)[group]
    same((described["group_state"], described["protocol_data"], len(described["members"])), ("Stable", "range", 1), "described")
    same(admin.delete_groups([group])[group][:12], "NonEmptyGrou", "deleted with a member")
    member.leave()
    same(admin.list_group_offsets({group: [partition]})[group][partition].offset, 5, "offsets")
    admin.alter_group_offsets(group, {partition: OffsetAndMetadata(2, "moved", -1)})
    same(admin.list_group_offsets([group])[group][partition].offset, 2, "altered")
    same(admin.reset_group_offsets(group, {partition: OffsetSpec.EARLIEST})[partition]["offset"], 0, "reset to earliest")
    admin.delete_group_offsets(group, [partition])
    same(admin.list_group_offsets([group])[group], {}, "offsets deleted")
    same(admin.delete_groups([group]), {group: "OK"}, "deleted")


@check("admin: offsets, records, log directories, producers")
def records(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    partition = TopicPartition(topic, 0)
    produced(bootstrap, topic, [b"x"] * 10)
    same(admin.list_partition_offsets({partition: -1})[partition].offset, 10, "latest")
    same(admin.delete_records({partition: 4})[partition]["low_watermark"], 4, "deleted")
    same(admin.list_partition_offsets({partition: -2})[partition].offset, 4, "earliest")
    [broker] = admin.describe_log_dirs()
    sizes = [p["partition_size"] for d in broker["log_dirs"] for t in d["topics"] if t["name"] == topic for p in t["partitions"]]
    that(len(sizes) == 1 and sizes[0] > 0, f"sizes {sizes}")
    [producer] = admin.describe_producers([partition])[partition].active_producers
    same((producer.producer_epoch, producer.last_sequence), (0, 9), "producer")


@check("admin: cluster, features, quorum")
def cluster(bootstrap):
    admin = admin_of(bootstrap)
    seen = admin.describe_cluster()
    same(([f"{b['host']}:{b['port']}" for b in seen["brokers"]], seen["controller_id"]), ([bootstrap], 0), "cluster")
    that(admin.describe_features()["metadata.version"]["finalized"][1] >= 25, "metadata.version")
    [quorum] = admin.describe_metadata_quorum()["topics"]
    same(quorum["partitions"][0]["leader_id"], 0, "leader of the metadata")
    same(admin.list_partition_reassignments(), {}, "reassignments")


def transactional(bootstrap, transactional_id=None, **settings):
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=transactional_id or unique("txn"), **settings)
    producer.init_transactions()
    return producer


def in_transaction(producer, topic, values, end):
    producer.begin_transaction()
    for value in values:
        producer.send(topic, value=value, partition=0)
    producer.flush()
    if end == "commit":
        producer.commit_transaction()
    elif end == "abort":
        producer.abort_transaction()


def values_read(bootstrap, topic, count, isolation="read_committed"):
    """The values of partition 0: so many, and no more within a moment."""
    reader = consumer(bootstrap, isolation_level=isolation)
    reader.assign([TopicPartition(topic, 0)])
    records = consumed(reader, count)
    same(reader.poll(500), {}, "one record too many")
    reader.close()
    return [record.value for record in records]


@check("transactions: commit, abort, commit, and one that stays open")
def transactions(bootstrap):
    topic = made(bootstrap)
    producer = transactional(bootstrap)
    for values, end in (([b"a", b"b"], "commit"), ([b"c"], "abort"), ([b"d"], "commit"), ([b"e"], "open")):
        in_transaction(producer, topic, values, end)
    same(values_read(bootstrap, topic, 3), [b"a", b"b", b"d"], "read_committed")
    same(values_read(bootstrap, topic, 5, "read_uncommitted"), [b"a", b"b", b"c", b"d", b"e"], "read_uncommitted")
    producer.commit_transaction()
    same(values_read(bootstrap, topic, 4), [b"a", b"b", b"d", b"e"], "after the last commit")
    producer.close()


@check("transactions: offsets come with the commit")
def transaction_offsets(bootstrap):
    topic = made(bootstrap)
    group = unique("group")
    partition = TopicPartition(topic, 0)
    produced(bootstrap, topic, [b"x"] * 6)
    reader = consumer(bootstrap, topic, group=group, enable_auto_commit=False)
    consumed(reader, 6)
    producer = transactional(bootstrap)
    for offset, end, expected in ((5, producer.abort_transaction, None), (4, producer.commit_transaction, 4)):
        producer.begin_transaction()
        producer.send_offsets_to_transaction({partition: OffsetAndMetadata(offset, "in it", -1)}, reader.group_metadata())
        end()
        until(lambda wanted=expected: reader.committed(partition) == wanted, f"offset {expected}")
    reader.close()
    second = consumer(bootstrap, topic, group=group)
    same([record.offset for record in consumed(second, 2)], [4, 5], "offsets")
    second.close()
    producer.close()


@check("transactions: a second producer with the id fences the first")
def transaction_fencing(bootstrap):
    topic = made(bootstrap)
    transactional_id = unique("txn")
    zombie = transactional(bootstrap, transactional_id)
    in_transaction(zombie, topic, [b"zombie"], "open")
    living = transactional(bootstrap, transactional_id)
    raised(errors.KafkaError, zombie.commit_transaction)
    in_transaction(living, topic, [b"living"], "commit")
    same(values_read(bootstrap, topic, 1), [b"living"], "read_committed")
    living.close()
    zombie.close(timeout=1)


@check("admin: transactions listed, described")
def transactions_admin(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    partition = TopicPartition(topic, 0)
    transactional_id = unique("txn")
    producer = transactional(bootstrap, transactional_id, transaction_timeout_ms=55_000)
    in_transaction(producer, topic, [b"a"], "open")
    [[listed]] = [[one for one in of if one.transactional_id == transactional_id] for of in admin.list_transactions().values()]
    same(listed.state, "Ongoing", "state")
    described = admin.describe_transactions([transactional_id])[transactional_id]
    same((described.state, described.transaction_timeout_ms, set(described.topic_partitions)), ("Ongoing", 55_000, {partition}), "described")
    [active] = admin.describe_producers([partition])[partition].active_producers
    same((active.producer_id, active.current_transaction_start_offset), (listed.producer_id, 0), "producer")
    same(admin.find_hanging_transactions(), [], "hanging ones")
    producer.abort_transaction()
    until(lambda: admin.describe_transactions([transactional_id])[transactional_id].state == "CompleteAbort", "aborted")
    producer.close()


if __name__ == "__main__":
    main()
