"""Groups of KIP-848: the broker assigns, members come and go one by one."""

import time

from checks import check, raised, same, that, unique, until
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic
from records import OF_CONSUMER_PROTOCOL, consumed, consumer, made, partitions_of, produced, settled


def member(bootstrap, group, *topics, **settings):
    one = consumer(bootstrap, group, **OF_CONSUMER_PROTOCOL, **settings)
    one.subscribe(list(topics))
    return one


def come_and_go(assignor):
    @check(f"KIP-848: {assignor}, one to four members and back, every record reaches one")
    def share(bootstrap):
        topic = made(bootstrap, 10)
        group = unique("group")
        members = []
        for _ in range(4):
            members.append(member(bootstrap, group, topic, group_remote_assignor=assignor))
            settled(members, 10)
        admin = AdminClient({"bootstrap.servers": bootstrap})
        described = admin.describe_consumer_groups([group])[group].result(10)
        same((described.partition_assignor, len(described.members), described.type.name), (assignor, 4, "CONSUMER"), "described")
        values = [str(i).encode() for i in range(200)]
        for partition in range(10):
            produced(bootstrap, topic, values[partition::10], partition=partition)
        seen = []

        def all_seen():
            seen.extend(m.value() for one in members for m in one.consume(100, 0.1))
            return len(seen) >= 200

        until(all_seen, "200 records")
        same(sorted(seen), sorted(values), "values")
        while len(members) > 1:
            members.pop(0).close()
            settled(members, 10)
        members[0].close()


for each in ("uniform", "range"):
    come_and_go(each)


@check("KIP-848: commit and resume")
def commit_and_resume(bootstrap):
    topic = made(bootstrap)
    group = unique("group")
    produced(bootstrap, topic, [str(i).encode() for i in range(10)])
    first = member(bootstrap, group, topic, enable_auto_commit=False)
    messages = consumed(first, 4)
    [committed] = first.commit(message=messages[3], asynchronous=False)
    same((committed.offset, committed.error), (4, None), "committed")
    first.close()
    second = member(bootstrap, group, topic, enable_auto_commit=False)
    same([m.value() for m in consumed(second, 6)], [str(i).encode() for i in range(4, 10)], "values")
    second.close()


@check("KIP-848: a subscription by regular expression finds a topic that comes later")
def regular_expression(bootstrap):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    prefix = unique("regex")

    def make(name):
        admin.create_topics([NewTopic(f"{prefix}-{name}", 1, 1)])[f"{prefix}-{name}"].result(10)
        produced(bootstrap, f"{prefix}-{name}", [name.encode()], partition=0)

    make("a")
    make("other")
    reader = member(bootstrap, unique("group"), f"^{prefix}-[a-c]$")
    same([m.value() for m in consumed(reader, 1)], [b"a"], "first topic")
    make("b")
    same([m.value() for m in consumed(reader, 1)], [b"b"], "second topic")
    that(reader.poll(0.5) is None, "a record of another topic")
    reader.close()


@check("KIP-848: an expression that RE2 refuses, and librdkafka does not, is an error")
def bad_expression(bootstrap):
    reader = member(bootstrap, unique("group"), "^a{2000}$")
    error = until(lambda: (m := reader.poll(0.2)) and m.error(), "an error")
    that("regular expression" in str(error).lower(), str(error))
    reader.close()


@check("KIP-848: a topic that grows")
def growing(bootstrap):
    topic = made(bootstrap, 2)
    reader = member(bootstrap, unique("group"), topic)
    settled([reader], 2)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_partitions([NewPartitions(topic, 5)])[topic].result(10)
    settled([reader], 5)
    reader.close()


@check("KIP-848: a static member comes back to what it had")
def static_member(bootstrap):
    topic = made(bootstrap, 6)
    group = unique("group")
    stays = member(bootstrap, group, topic, group_instance_id="stays")
    moves = member(bootstrap, group, topic, group_instance_id="moves")
    owned = settled([stays, moves], 6)
    moves.close()
    again = member(bootstrap, group, topic, group_instance_id="moves")
    same(settled([stays, again], 6), owned, "the same shares")
    other = member(bootstrap, group, topic, group_instance_id="moves")
    error = until(lambda: (m := other.poll(0.2)) and m.error(), "an error")
    that("instance ID is still used" in str(error), f"a second one of the same instance: {error}")
    for one in (stays, again, other):
        one.close()


@check("KIP-848: a member that does not poll is put out, and comes back")
def slow_member(bootstrap):
    topic = made(bootstrap, 2)
    group = unique("group")
    slow = member(bootstrap, group, topic, max_poll_interval_ms=2000, enable_auto_commit=False)
    settled([slow], 2)
    other = member(bootstrap, group, topic)
    time.sleep(2.5)
    settled([other], 2)
    settled([slow, other], 2)
    for one in (slow, other):
        one.close()


@check("KIP-848: offsets of members are fenced by their epochs")
def fenced_commit(bootstrap):
    topic = made(bootstrap, 1)
    group = unique("group")
    produced(bootstrap, topic, [b"a", b"b"])
    first = member(bootstrap, group, topic, enable_auto_commit=False)
    consumed(first, 2)
    outsider = consumer(bootstrap, group, enable_auto_commit=False)
    place = [TopicPartition(topic, 0, 1)]
    raised(KafkaException, lambda: outsider.commit(offsets=place, asynchronous=False))
    first.commit(asynchronous=False)
    same(first.committed([TopicPartition(topic, 0)], 10)[0].offset, 2, "committed")
    same(partitions_of(first), [0], "partitions")
    first.close()
    outsider.commit(offsets=place, asynchronous=False)
    same(outsider.committed([TopicPartition(topic, 0)], 10)[0].offset, 1, "committed without members")
    outsider.close()
