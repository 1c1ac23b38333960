"""Administration: topics, partitions, configs, groups and their offsets, records, the cluster."""

import time

from checks import RECENT, check, raised, same, that, unique, until
from confluent_kafka import (
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    ConsumerGroupType,
    ElectionType,
    KafkaError,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)
from records import consumed, consumer, made, produced, settled

BROKER = "0"


def admin_of(bootstrap):
    return AdminClient({"bootstrap.servers": bootstrap})


def only(futures):
    """The one answer of a call about one thing."""
    [future] = futures.values()
    return future.result(15)


def refused(futures):
    """The error code with which a call about one thing fails."""
    return raised(KafkaException, lambda: only(futures)).args[0].code()


def configs(admin, kind, name):
    return only(admin.describe_configs([ConfigResource(kind, name)]))


def change(admin, kind, name, entries):
    changes = [ConfigEntry(key, value, incremental_operation=kind_of) for key, value, kind_of in entries]
    return admin.incremental_alter_configs([ConfigResource(kind, name, incremental_configs=changes)])


@check("admin: create, list, describe and delete topics")
def topics(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap, 3, {"retention.ms": "60000"})
    same(refused(admin.create_topics([NewTopic(topic, 1, 1)])), KafkaError.TOPIC_ALREADY_EXISTS, "created again")
    described = only(admin.describe_topics(TopicCollection([topic]), include_authorized_operations=True))
    same([(p.id, p.leader.id, len(p.replicas), len(p.isr)) for p in described.partitions], [(i, 0, 1, 1) for i in range(3)], "partitions")
    that(len(str(described.topic_id)) == 22 and not described.is_internal, str(described.topic_id))
    that(len(described.authorized_operations) >= 8, str(described.authorized_operations))
    only(admin.delete_topics([topic]))
    until(lambda: topic not in admin.list_topics(timeout=5).topics, "not listed")
    same(refused(admin.delete_topics([topic])), KafkaError.UNKNOWN_TOPIC_OR_PART, "deleted again")
    same(refused(admin.describe_topics(TopicCollection([topic]))), KafkaError.UNKNOWN_TOPIC_OR_PART, "described")


@check("admin: topics that cannot be")
def bad_topics(bootstrap):
    admin = admin_of(bootstrap)

    def code(topic, **options):
        return refused(admin.create_topics([topic], **options))

    same(code(NewTopic("no/such name", 1, 1)), KafkaError.TOPIC_EXCEPTION, "name")
    same(code(NewTopic(unique("factor"), 1, 2)), KafkaError.INVALID_REPLICATION_FACTOR, "factor")
    same(code(NewTopic(unique("none"), 0, 1)), KafkaError.INVALID_PARTITIONS, "no partitions")
    same(code(NewTopic(unique("key"), 1, 1, config={"no.such.key": "1"})), KafkaError.INVALID_CONFIG, "config key")
    same(code(NewTopic(unique("value"), 1, 1, config={"retention.ms": "x"})), KafkaError.INVALID_CONFIG, "config value")
    assignment = NewTopic(unique("replica"), 1, replica_assignment=[[7]])
    same(code(assignment), KafkaError.INVALID_REPLICA_ASSIGNMENT, "assignment to a broker that is not there")


@check("admin: create_topics to validate, with an assignment, by default")
def more_topics(bootstrap):
    admin = admin_of(bootstrap)
    topic = unique("validated")
    only(admin.create_topics([NewTopic(topic, 2, 1)], validate_only=True))
    that(topic not in admin.list_topics(timeout=5).topics, "created all the same")
    only(admin.create_topics([NewTopic(topic, 2, replica_assignment=[[0], [0]])]))
    until(lambda: len(admin.list_topics(timeout=5).topics[topic].partitions) == 2, "two partitions")
    default = unique("default")
    only(admin.create_topics([NewTopic(default)]))
    until(lambda: len(admin.list_topics(timeout=5).topics[default].partitions) == 4, "num.partitions")


@check("admin: create_partitions")
def partitions(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    only(admin.create_partitions([NewPartitions(topic, 3)], validate_only=True))
    same(len(admin.list_topics(topic, timeout=5).topics[topic].partitions), 1, "after validation")
    only(admin.create_partitions([NewPartitions(topic, 3)]))
    until(lambda: len(admin.list_topics(topic, timeout=5).topics[topic].partitions) == 3, "three partitions")
    produced(bootstrap, topic, [b"x"], partition=2)
    same(refused(admin.create_partitions([NewPartitions(topic, 2)])), KafkaError.INVALID_PARTITIONS, "fewer")
    absent = NewPartitions(unique("absent"), 2)
    same(refused(admin.create_partitions([absent])), KafkaError.UNKNOWN_TOPIC_OR_PART, "a topic that is not there")


def shown(admin, kind, name, key, value):
    """The entry once it has this value: a change is answered before every broker acts on it."""

    def entry():
        found = configs(admin, kind, name)[key]
        return found if found.value == value else None

    return until(entry, f"{key} {value}")


@check("admin: configs of a topic, changed one by one")
def topic_configs(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    kind = ResourceType.TOPIC
    before = configs(admin, kind, topic)["retention.ms"]
    default = ConfigSource.DEFAULT_CONFIG.value
    same((before.value, before.source, before.is_default), ("604800000", default, True), "before")
    only(change(admin, kind, topic, [("retention.ms", "1000", AlterConfigOpType.SET)]))
    after = shown(admin, kind, topic, "retention.ms", "1000")
    same((after.source, after.is_default), (ConfigSource.DYNAMIC_TOPIC_CONFIG.value, False), "set")
    same(list(after.synonyms)[0], "retention.ms", "synonyms")
    only(change(admin, kind, topic, [("cleanup.policy", "compact", AlterConfigOpType.APPEND)]))
    shown(admin, kind, topic, "cleanup.policy", "delete,compact")
    only(change(admin, kind, topic, [("cleanup.policy", "delete", AlterConfigOpType.SUBTRACT)]))
    shown(admin, kind, topic, "cleanup.policy", "compact")
    deletions = [("retention.ms", None, AlterConfigOpType.DELETE), ("cleanup.policy", None, AlterConfigOpType.DELETE)]
    only(change(admin, kind, topic, deletions))
    shown(admin, kind, topic, "retention.ms", "604800000")
    shown(admin, kind, topic, "cleanup.policy", "delete")
    bad = change(admin, kind, topic, [("retention.ms", "soon", AlterConfigOpType.SET)])
    same(refused(bad), KafkaError.INVALID_CONFIG, "a bad value")
    absent = change(admin, kind, unique("absent"), [("retention.ms", "1", AlterConfigOpType.SET)])
    same(refused(absent), KafkaError.UNKNOWN_TOPIC_OR_PART, "a topic that is not there")


@check("admin: configs of a topic, replaced as a whole")
def replaced_configs(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap, 1, {"retention.ms": "1000"})
    only(admin.alter_configs([ConfigResource(ResourceType.TOPIC, topic, set_config={"max.message.bytes": "5000"})]))
    shown(admin, ResourceType.TOPIC, topic, "max.message.bytes", "5000")
    shown(admin, ResourceType.TOPIC, topic, "retention.ms", "604800000")


@check("admin: configs of the broker")
def broker_configs(bootstrap):
    admin = admin_of(bootstrap)
    kind = ResourceType.BROKER
    seen = configs(admin, kind, BROKER)
    static = seen["num.partitions"]
    same((static.value, static.source), ("4", ConfigSource.STATIC_BROKER_CONFIG.value), "num.partitions")
    that(seen["node.id"].is_read_only and not seen["log.cleaner.threads"].is_read_only, "read-only")
    only(change(admin, kind, BROKER, [("log.cleaner.threads", "2", AlterConfigOpType.SET)]))
    changed = shown(admin, kind, BROKER, "log.cleaner.threads", "2")
    same(changed.source, ConfigSource.DYNAMIC_BROKER_CONFIG.value, "source")
    only(change(admin, kind, BROKER, [("log.cleaner.threads", None, AlterConfigOpType.DELETE)]))
    shown(admin, kind, BROKER, "log.cleaner.threads", "1")
    read_only = change(admin, kind, BROKER, [("node.id", "7", AlterConfigOpType.SET)])
    same(refused(read_only), KafkaError.INVALID_REQUEST, "a read-only key")


@check("admin: list and describe groups")
def groups(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap, 4)
    group = unique("group")
    member = consumer(bootstrap, group, client_id="the-client")
    member.subscribe([topic])
    settled([member], 4)

    def listed(**filters):
        found = admin.list_consumer_groups(**filters).result(15)
        same(found.errors, [], "errors")
        return {entry.group_id: entry for entry in found.valid}

    seen = listed()[group]
    same((seen.state, seen.type, seen.is_simple_consumer_group), (ConsumerGroupState.STABLE, ConsumerGroupType.CLASSIC, False), "listed")
    that(group in listed(states={ConsumerGroupState.STABLE}), "by state")
    that(group not in listed(states={ConsumerGroupState.EMPTY}), "by another state")
    that(group in listed(types={ConsumerGroupType.CLASSIC}), "by type")
    that(group not in listed(types={ConsumerGroupType.CONSUMER}), "by another type")
    described = only(admin.describe_consumer_groups([group], include_authorized_operations=True))
    same((described.state, described.partition_assignor, described.coordinator.id), (ConsumerGroupState.STABLE, "range", 0), "group")
    [one] = described.members
    same((one.client_id, one.group_instance_id), ("the-client", None), "member")
    that(one.member_id.startswith("the-client-") and one.host.startswith("/127.0.0.1"), f"{one.member_id} {one.host}")
    same(sorted(tp.partition for tp in one.assignment.topic_partitions), [0, 1, 2, 3], "assignment")
    that(len(described.authorized_operations) >= 3, str(described.authorized_operations))
    legacy = admin.list_groups(group, timeout=10)
    same([(g.id, g.state, g.protocol_type, len(g.members)) for g in legacy], [(group, "Stable", "consumer", 1)], "list_groups")
    same(refused(admin.delete_consumer_groups([group])), KafkaError.NON_EMPTY_GROUP, "deleted with a member")
    member.close()


@check("admin: groups that are not there")
def absent_groups(bootstrap):
    admin = admin_of(bootstrap)
    described = only(admin.describe_consumer_groups([unique("absent")]))
    # It asks in a version in which that is no error yet (KIP-1043).
    same((described.state, described.members), (ConsumerGroupState.DEAD, []), "described")
    same(refused(admin.delete_consumer_groups([unique("absent")])), KafkaError.GROUP_ID_NOT_FOUND, "deleted")


@check("admin: offsets of a group, listed, altered, deleted with it")
def group_offsets(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap, 2)
    group = unique("group")
    produced(bootstrap, topic, [b"x"] * 5, partition=0)
    member = consumer(bootstrap, group)
    member.subscribe([topic])
    consumed(member, 5)

    def alter(offset):
        return admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, offset)])])

    def offsets(partitions=None):
        found = only(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, partitions)]))
        return sorted((tp.topic, tp.partition, tp.offset) for tp in found.topic_partitions)

    member.commit(asynchronous=False)
    [answer] = only(alter(2)).topic_partitions
    same(answer.error.code(), KafkaError.UNKNOWN_MEMBER_ID, "altered with a member")
    member.close()
    same(offsets(), [(topic, 0, 5)], "committed")
    [answer] = only(alter(2)).topic_partitions
    same(answer.error, None, "altered without")
    same(offsets(), [(topic, 0, 2)], "altered")
    asked = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
    same(offsets(asked), [(topic, 0, 2), (topic, 1, -1001)], "asked for by partition")
    again = consumer(bootstrap, group)
    again.subscribe([topic])
    same(consumed(again, 3)[0].offset(), 2, "resumed")
    again.close()
    only(admin.delete_consumer_groups([group]))
    same(offsets(), [], "after deletion")
    that(group not in {g.group_id for g in admin.list_consumer_groups().result(15).valid}, "still listed")


@check("admin: a group that only keeps offsets")
def simple_group(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    group = unique("simple")
    reader = consumer(bootstrap, group)
    reader.commit(offsets=[TopicPartition(topic, 0, 3)], asynchronous=False)
    reader.close()
    [seen] = [g for g in admin.list_consumer_groups().result(15).valid if g.group_id == group]
    same((seen.is_simple_consumer_group, seen.state), (True, ConsumerGroupState.EMPTY), "listed")
    described = only(admin.describe_consumer_groups([group]))
    same((described.state, described.members), (ConsumerGroupState.EMPTY, []), "described")


@check("admin: list_offsets")
def list_offsets(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    producer = Producer({"bootstrap.servers": bootstrap})
    for when in (1_000, 3_000, 2_000):
        producer.produce(topic, value=b"x", timestamp=RECENT + when)
        producer.flush(10)
    asked = {
        "earliest": OffsetSpec.earliest(),
        "latest": OffsetSpec.latest(),
        "max timestamp": OffsetSpec.max_timestamp(),
        "by time": OffsetSpec.for_timestamp(RECENT + 1_500),
        "in the future": OffsetSpec.for_timestamp(int(time.time() * 1000) + 600_000),
    }
    found = {name: only(admin.list_offsets({TopicPartition(topic, 0): spec})) for name, spec in asked.items()}
    same({name: info.offset for name, info in found.items()}, {"earliest": 0, "latest": 3, "max timestamp": 1, "by time": 1, "in the future": -1}, "offsets")
    same(found["max timestamp"].timestamp, RECENT + 3_000, "max timestamp")
    absent = admin.list_offsets({TopicPartition(unique("absent"), 0): OffsetSpec.latest()})
    same(refused(absent), KafkaError._NOENT, "a topic that is not there")


@check("admin: delete_records")
def delete_records(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    produced(bootstrap, topic, [str(i).encode() for i in range(10)])
    same(only(admin.delete_records([TopicPartition(topic, 0, 4)])).low_watermark, 4, "low watermark")
    reader = consumer(bootstrap)
    same(reader.get_watermark_offsets(TopicPartition(topic, 0), 10), (4, 10), "watermarks")
    reader.subscribe([topic])
    same(consumed(reader, 6)[0].value(), b"4", "the first that is left")
    reader.close()
    same(refused(admin.delete_records([TopicPartition(topic, 0, 11)])), KafkaError.OFFSET_OUT_OF_RANGE, "beyond the end")


@check("admin: describe_cluster")
def cluster(bootstrap):
    admin = admin_of(bootstrap)
    seen = admin.describe_cluster(include_authorized_operations=True).result(15)
    same(([node.id for node in seen.nodes], seen.controller.id), ([0], 0), "nodes, controller")
    same(f"{seen.nodes[0].host}:{seen.nodes[0].port}", bootstrap, "address")
    that(len(seen.cluster_id) == 22 and admin.cluster_id(10) == seen.cluster_id, seen.cluster_id)
    that(len(seen.authorized_operations) >= 5, str(seen.authorized_operations))
    listed = admin.list_topics(timeout=10)
    same((listed.controller_id, list(listed.brokers)), (0, [0]), "list_topics")


@check("admin: elect_leaders")
def elect(bootstrap):
    admin = admin_of(bootstrap)
    topic = made(bootstrap)
    asked = [TopicPartition(topic, 0), TopicPartition(topic, 9)]
    answer = admin.elect_leaders(ElectionType.PREFERRED, asked).result(15)
    codes = {tp.partition: error.code() for tp, error in answer.items()}
    same(codes, {0: KafkaError.ELECTION_NOT_NEEDED, 9: KafkaError.UNKNOWN_TOPIC_OR_PART}, "answers")
