"""Classic groups: sharing, committed offsets, cooperative and static members, subscriptions."""

from checks import check, raised, same, unique, until
from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from records import consumed, consumer, made, produced, settled


def members_check(count):
    @check(f"group: {count} members share, one leaves, the others take over")
    def share(bootstrap):
        topic = made(bootstrap, 10)
        group = unique("group")
        members = []
        for _ in range(count):
            member = consumer(bootstrap, group)
            member.subscribe([topic])
            members.append(member)
            settled(members, 10)
        members.pop(0).close()
        settled(members, 10)
        for member in members:
            member.close()


for each in (2, 3, 4, 5):
    members_check(each)


@check("group: every record reaches one member")
def group_every_record(bootstrap):
    topic = made(bootstrap, 6)
    group = unique("group")
    members = [consumer(bootstrap, group) for _ in range(3)]
    for member in members:
        member.subscribe([topic])
    settled(members, 6)
    values = [str(i).encode() for i in range(600)]
    for partition in range(6):
        produced(bootstrap, topic, values[partition::6], partition=partition)
    seen = []

    def all_seen():
        seen.extend(m.value() for member in members for m in member.consume(100, 0.1))
        return len(seen) >= 600

    until(all_seen, "600 records")
    same(sorted(seen), sorted(values), "values")
    for member in members:
        member.close()


@check("group: commit and resume")
def group_commit(bootstrap):
    topic = made(bootstrap)
    group = unique("group")
    produced(bootstrap, topic, [str(i).encode() for i in range(10)])
    first = consumer(bootstrap, group, enable_auto_commit=False)
    first.subscribe([topic])
    messages = consumed(first, 4)
    [committed] = first.commit(message=messages[3], asynchronous=False)
    same((committed.offset, committed.error), (4, None), "committed")
    first.close()
    second = consumer(bootstrap, group, enable_auto_commit=False)
    second.subscribe([topic])
    same([m.value() for m in consumed(second, 6)], [str(i).encode() for i in range(4, 10)], "values")
    second.close()


@check("group: commits by itself on close")
def group_auto_commit(bootstrap):
    topic = made(bootstrap)
    group = unique("group")
    produced(bootstrap, topic, [b"a", b"b", b"c"])
    first = consumer(bootstrap, group)
    first.subscribe([topic])
    consumed(first, 3)
    first.close()
    second = consumer(bootstrap, group)
    [committed] = second.committed([TopicPartition(topic, 0)], 10)
    same(committed.offset, 3, "committed")
    second.close()


@check("group: stored offsets, asynchronous commit")
def group_stored(bootstrap):
    topic = made(bootstrap)
    group = unique("group")
    produced(bootstrap, topic, [b"a", b"b", b"c"])
    told = []
    reader = consumer(
        bootstrap,
        group,
        enable_auto_commit=False,
        enable_auto_offset_store=False,
        on_commit=lambda error, partitions: told.append((error, [tp.offset for tp in partitions])),
    )
    reader.subscribe([topic])
    messages = consumed(reader, 3)
    reader.store_offsets(message=messages[1])
    reader.commit()
    until(lambda: (reader.poll(0.05), told)[1], "the commit's answer")
    same(told, [(None, [2])], "commit")
    reader.close()


@check("group: commit with metadata")
def group_metadata(bootstrap):
    topic = made(bootstrap, 2)
    reader = consumer(bootstrap)
    reader.commit(offsets=[TopicPartition(topic, 1, 42, "a note ☃")], asynchronous=False)
    committed = reader.committed([TopicPartition(topic, 0), TopicPartition(topic, 1)], 10)
    same([(tp.offset, tp.metadata) for tp in committed], [(OFFSET_INVALID, None), (42, "a note ☃")], "committed")
    reader.close()


@check("group: commit with more metadata than the broker keeps")
def group_metadata_too_large(bootstrap):
    topic = made(bootstrap)
    reader = consumer(bootstrap)
    offsets = [TopicPartition(topic, 0, 1, "x" * 5_000)]
    error = raised(KafkaException, lambda: reader.commit(offsets=offsets, asynchronous=False))
    same(error.args[0].code(), KafkaError.OFFSET_METADATA_TOO_LARGE, "error")
    reader.close()


@check("group: cooperative-sticky gives up only what moves")
def group_cooperative(bootstrap):
    topic = made(bootstrap, 8)
    group = unique("group")
    settings = {"partition_assignment_strategy": "cooperative-sticky"}
    first = consumer(bootstrap, group, **settings)
    revoked = []
    lost = []
    first.subscribe(
        [topic],
        on_revoke=lambda _, partitions: revoked.extend(tp.partition for tp in partitions),
        on_lost=lambda _, partitions: lost.extend(partitions),
    )
    same(settled([first], 8), [list(range(8))], "alone")
    second = consumer(bootstrap, group, **settings)
    second.subscribe([topic])
    owned = settled([first, second], 8)
    same([len(partitions) for partitions in owned], [4, 4], "shares")
    same((sorted(revoked), lost), (owned[1], []), "given up, lost")
    second.close()
    settled([first], 8)
    same(sorted(revoked), owned[1], "given up when the other left")
    first.close()


@check("group: a static member survives close()")
def group_static(bootstrap):
    topic = made(bootstrap, 6)
    group = unique("group")
    assigned = []

    def member(instance, on_assign=None):
        one = consumer(bootstrap, group, group_instance_id=instance, session_timeout_ms=30000)
        one.subscribe([topic], **({"on_assign": on_assign} if on_assign else {}))
        return one

    stays = member("stays", lambda _, partitions: assigned.append(len(partitions)))
    moves = member("moves")
    owned = settled([stays, moves], 6)
    generations = len(assigned)
    moves.close()
    admin = AdminClient({"bootstrap.servers": bootstrap})
    described = admin.describe_consumer_groups([group])[group].result(10)
    same(sorted(m.group_instance_id for m in described.members), ["moves", "stays"], "members after close()")
    again = member("moves")
    same(settled([stays, again], 6), owned, "the same shares")
    same(len(assigned), generations, "assignments of the one that stayed")
    again.close()
    stays.close()


@check("group: a second member with the same instance id fences the first")
def group_fenced(bootstrap):
    topic = made(bootstrap, 2)
    group = unique("group")
    errors = []
    first = consumer(bootstrap, group, group_instance_id="one", error_cb=lambda error: errors.append(error.code()))
    first.subscribe([topic])
    settled([first], 2)
    second = consumer(bootstrap, group, group_instance_id="one")
    second.subscribe([topic])

    def fenced():
        second.poll(0.02)
        message = first.poll(0.02)
        if message is not None and message.error() is not None:
            errors.append(message.error().code())
        return KafkaError.FENCED_INSTANCE_ID in errors or KafkaError._FATAL in errors

    until(fenced, "the first is told")
    settled([second], 2)
    second.close()
    first.close()


@check("group: regex subscription finds a topic that comes later")
def group_regex(bootstrap):
    prefix = unique("regex")
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(f"{prefix}-a", 1, 1)])[f"{prefix}-a"].result(10)
    produced(bootstrap, f"{prefix}-a", [b"a"])
    reader = consumer(bootstrap, topic_metadata_refresh_interval_ms=500)
    reader.subscribe([f"^{prefix}-.*"])
    same([m.value() for m in consumed(reader, 1)], [b"a"], "first topic")
    admin.create_topics([NewTopic(f"{prefix}-b", 1, 1), NewTopic(f"other-{prefix}", 1, 1)])[f"{prefix}-b"].result(10)
    produced(bootstrap, f"{prefix}-b", [b"b"])
    same([m.value() for m in consumed(reader, 1)], [b"b"], "second topic")
    same(sorted({tp.topic for tp in reader.assignment()}), [f"{prefix}-a", f"{prefix}-b"], "topics")
    reader.close()


@check("group: roundrobin is chosen when all know it")
def group_strategy(bootstrap):
    topic = made(bootstrap, 4)
    group = unique("group")
    one = consumer(bootstrap, group, partition_assignment_strategy="range,roundrobin")
    two = consumer(bootstrap, group, partition_assignment_strategy="roundrobin")
    for member in (two, one):
        member.subscribe([topic])
    settled([one, two], 4)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    same(admin.describe_consumer_groups([group])[group].result(10).partition_assignor, "roundrobin", "assignor")
    one.close()
    two.close()
