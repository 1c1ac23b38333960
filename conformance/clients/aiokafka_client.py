"""aiokafka, Python with asyncio, with its defaults."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from checks import RECENT, check, main, same, that, unique

LIMIT_SECONDS = 25


def asynchronous(name):
    """A check whose body is a coroutine."""

    def register(body):
        check(name)(lambda bootstrap: asyncio.run(asyncio.wait_for(body(bootstrap), 50)))
        return body

    return register


async def made(bootstrap, partitions=1):
    """A topic of its own for a check, led when it is returned."""
    topic = unique("aiokafka")
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, partitions, 1)])
    await admin.close()
    return topic


async def produced(bootstrap, topic, values, partition=None, **settings):
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, **settings) as producer:
        sent = [await producer.send(topic, value, partition=partition) for value in values]
        return [(await one).offset for one in sent]


def consumer(bootstrap, *topics, group=None, **settings):
    options = {"auto_offset_reset": "earliest", "heartbeat_interval_ms": 500, "metadata_max_age_ms": 1000}
    return AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, group_id=group, **{**options, **settings})


async def consumed(reader, count):
    records = []
    async with asyncio.timeout(LIMIT_SECONDS):
        while len(records) < count:
            for batch in (await reader.getmany(timeout_ms=100, max_records=count - len(records))).values():
                records.extend(batch)
    return records


async def settled(members, partitions):
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            owned = [sorted(tp.partition for tp in member.assignment()) for member in members]
            if all(owned) and sorted(sum(owned, [])) == list(range(partitions)):
                return owned
            await asyncio.sleep(0.05)


async def shown(call, argument, is_there):
    """Asks until the answer is this one: a change is answered before every broker acts on it."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while not is_there(await (call() if argument is None else call(argument))):
            await asyncio.sleep(0.05)


@asynchronous("producer: keys, values, nulls, headers, timestamps")
async def producer_round_trip(bootstrap):
    topic = await made(bootstrap)
    headers = [("one", b"1"), ("two", b"a"), ("two", b"b")]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        sent = await producer.send_and_wait(topic, b"v", b"k", headers=headers, timestamp_ms=RECENT)
        same((sent.offset, sent.timestamp), (0, RECENT), "acknowledged")
        await producer.send_and_wait(topic, None, b"only a key")
    async with consumer(bootstrap, topic) as reader:
        first, null = await consumed(reader, 2)
    same((first.key, first.value, list(first.headers), first.timestamp), (b"k", b"v", headers, sent.timestamp), "first")
    same((null.key, null.value, list(null.headers)), (b"only a key", None, []), "null")


@asynchronous("producer: gzip")
async def producer_gzip(bootstrap):
    topic = await made(bootstrap)
    values = [f"value {i} {'y' * (i % 300)}".encode() for i in range(2_000)]
    offsets = await produced(bootstrap, topic, values, compression_type="gzip")
    same(offsets, list(range(2_000)), "offsets")
    async with consumer(bootstrap, topic) as reader:
        same([record.value for record in await consumed(reader, 2_000)], values, "values")


@asynchronous("producer: idempotent, in order and once")
async def producer_idempotent(bootstrap):
    topic = await made(bootstrap)
    values = [str(i).encode() for i in range(1_000)]
    same(await produced(bootstrap, topic, values, enable_idempotence=True), list(range(1_000)), "offsets")
    async with consumer(bootstrap, topic) as reader:
        same([record.value for record in await consumed(reader, 1_000)], values, "values")


@asynchronous("group: 3 members share, one leaves, the others take over")
async def group_share(bootstrap):
    topic = await made(bootstrap, 9)
    group = unique("group")
    members = []
    for _ in range(3):
        member = consumer(bootstrap, topic, group=group)
        await member.start()
        members.append(member)
        await settled(members, 9)
    await members.pop(0).stop()
    await settled(members, 9)
    values = [str(i).encode() for i in range(90)]
    for partition in range(9):
        await produced(bootstrap, topic, values[partition::9], partition=partition)
    seen = []
    async with asyncio.timeout(LIMIT_SECONDS):
        while len(seen) < 90:
            for member in members:
                for batch in (await member.getmany(timeout_ms=50)).values():
                    seen.extend(record.value for record in batch)
    same(sorted(seen), sorted(values), "values")
    for member in members:
        await member.stop()


@asynchronous("group: commit with metadata and resume")
async def group_commit(bootstrap):
    topic = await made(bootstrap)
    group = unique("group")
    partition = TopicPartition(topic, 0)
    await produced(bootstrap, topic, [str(i).encode() for i in range(10)])
    async with consumer(bootstrap, topic, group=group, enable_auto_commit=False) as first:
        await consumed(first, 4)
        await first.commit({partition: (4, "a note")})
        same(await first.committed(partition), 4, "committed")
    async with consumer(bootstrap, topic, group=group) as second:
        same([record.offset for record in await consumed(second, 6)], [4, 5, 6, 7, 8, 9], "offsets")


@asynchronous("group: a subscription by pattern finds a topic that comes later")
async def group_pattern(bootstrap):
    prefix = unique("pattern")
    assigned = []

    class Told(ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            pass

        def on_partitions_assigned(self, partitions):
            assigned.append(sorted(tp.topic for tp in partitions))

    await produced(bootstrap, f"{prefix}-a", [b"a"], partition=0)
    reader = consumer(bootstrap, group=unique("group"))
    await reader.start()
    reader.subscribe(pattern=f"^{prefix}-.*", listener=Told())
    same((await consumed(reader, 1))[0].value, b"a", "first topic")
    await produced(bootstrap, f"{prefix}-b", [b"b"], partition=0)
    same((await consumed(reader, 1))[0].value, b"b", "second topic")
    same(sorted(set(assigned[-1])), [f"{prefix}-a", f"{prefix}-b"], "topics")
    await reader.stop()


@asynchronous("consumer: seek, pause, offsets by time")
async def consumer_place(bootstrap):
    topic = await made(bootstrap)
    partition = TopicPartition(topic, 0)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for i in range(10):
            await producer.send_and_wait(topic, b"x", timestamp_ms=RECENT + i * 1_000)
    async with consumer(bootstrap, topic, group=unique("group")) as reader:
        await consumed(reader, 10)
        reader.seek(partition, 7)
        same([record.offset for record in await consumed(reader, 3)], [7, 8, 9], "after seek")
        await reader.seek_to_beginning(partition)
        reader.pause(partition)
        same(await reader.getmany(timeout_ms=500), {}, "while paused")
        reader.resume(partition)
        same(len(await consumed(reader, 10)), 10, "after resume")
        found = (await reader.offsets_for_times({partition: RECENT + 4_500}))[partition]
        same((found.offset, found.timestamp), (5, RECENT + 5_000), "by time")
        same(await reader.end_offsets([partition]), {partition: 10}, "end")


@asynchronous("admin: topics, partitions, configs, groups, records")
async def administration(bootstrap):
    topic = await made(bootstrap, 2)
    group = unique("group")
    partition = TopicPartition(topic, 0)
    await produced(bootstrap, topic, [b"x"] * 10, partition=0)
    async with consumer(bootstrap, topic, group=group) as reader:
        await consumed(reader, 10)
        await reader.commit()
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    that(topic in await admin.list_topics(), "list_topics")
    [described] = await admin.describe_topics([topic])
    same(sorted((p["partition"], p["leader"]) for p in described["partitions"]), [(0, 0), (1, 0)], "partitions")
    await admin.create_partitions({topic: NewPartitions(4)})
    await shown(admin.describe_topics, [topic], lambda topics: len(topics[0]["partitions"]) == 4)
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "7000"})])
    asked = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": None})
    await shown(admin.describe_configs, [asked], lambda found: found[0].resources[0][4][0][:2] == ("retention.ms", "7000"))
    that((group, "consumer") in await admin.list_consumer_groups(), "list_consumer_groups")
    [answer] = await admin.describe_consumer_groups([group])
    same(answer.groups[0][1:3], (group, "Empty"), "describe_consumer_groups")
    offsets = await admin.list_consumer_group_offsets(group)
    same(offsets[partition].offset, 10, "list_consumer_group_offsets")
    same(await admin.delete_records({partition: RecordsToDelete(4)}), {partition: 4}, "delete_records")
    cluster = await admin.describe_cluster()
    same([(b["node_id"], f"{b['host']}:{b['port']}") for b in cluster["brokers"]], [(0, bootstrap)], "describe_cluster")
    await admin.delete_topics([topic])
    await shown(admin.list_topics, None, lambda topics: topic not in topics)
    await admin.close()


async def values_read(bootstrap, topic, count, isolation="read_committed"):
    """The values of the topic: so many, and no more within a moment."""
    async with consumer(bootstrap, topic, isolation_level=isolation) as reader:
        records = await consumed(reader, count)
        same(await reader.getmany(timeout_ms=500), {}, "one record too many")
        return [record.value for record in records]


class Aborted(Exception):
    """Ends a transaction from within."""


@asynchronous("transactions: commit, abort, commit, and one that stays open")
async def transactions(bootstrap):
    topic = await made(bootstrap)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=unique("txn")) as producer:
        async with producer.transaction():
            await producer.send(topic, b"a")
            await producer.send(topic, b"b")
        try:
            async with producer.transaction():
                await producer.send_and_wait(topic, b"c")
                raise Aborted
        except Aborted:
            pass
        async with producer.transaction():
            await producer.send(topic, b"d")
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"e")
        same(await values_read(bootstrap, topic, 3), [b"a", b"b", b"d"], "read_committed")
        same(await values_read(bootstrap, topic, 5, "read_uncommitted"), [b"a", b"b", b"c", b"d", b"e"], "read_uncommitted")
        await producer.commit_transaction()
    same(await values_read(bootstrap, topic, 4), [b"a", b"b", b"d", b"e"], "after the last commit")


@asynchronous("transactions: offsets come with the commit")
async def transaction_offsets(bootstrap):
    topic = await made(bootstrap)
    group = unique("group")
    partition = TopicPartition(topic, 0)
    await produced(bootstrap, topic, [b"x"] * 6)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=unique("txn")) as producer:
        async with consumer(bootstrap, topic, group=group, enable_auto_commit=False) as first:
            await consumed(first, 6)
            for offset, end, expected in ((5, producer.abort_transaction, None), (4, producer.commit_transaction, 4)):
                await producer.begin_transaction()
                await producer.send_offsets_to_transaction({partition: offset}, group)
                await end()
                async with asyncio.timeout(LIMIT_SECONDS):
                    while await first.committed(partition) != expected:
                        await asyncio.sleep(0.05)
    async with consumer(bootstrap, topic, group=group) as second:
        same([record.offset for record in await consumed(second, 2)], [4, 5], "offsets")


@asynchronous("transactions: a second producer with the id fences the first")
async def transaction_fencing(bootstrap):
    topic = await made(bootstrap)
    settings = {"bootstrap_servers": bootstrap, "transactional_id": unique("txn")}
    zombie = AIOKafkaProducer(**settings)
    await zombie.start()
    await zombie.begin_transaction()
    await zombie.send_and_wait(topic, b"zombie")
    async with AIOKafkaProducer(**settings) as living:
        async with living.transaction():
            await living.send(topic, b"living")
    try:
        await zombie.commit_transaction()
    except KafkaError:
        pass
    else:
        raise AssertionError("the zombie has committed")
    same(await values_read(bootstrap, topic, 1), [b"living"], "read_committed")
    try:
        await zombie.stop()
    except KafkaError:
        pass


if __name__ == "__main__":
    main()
