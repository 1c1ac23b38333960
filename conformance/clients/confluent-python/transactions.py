"""Transactions: what commits is seen, what aborts is not, offsets come with them, zombies are fenced."""

from checks import check, raised, same, that, unique, until
from confluent_kafka import OFFSET_BEGINNING, KafkaException, Producer, TopicPartition
from records import OF_CONSUMER_PROTOCOL, consumed, consumer, made, produced


def transactional(bootstrap, transactional_id=None, **settings):
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": transactional_id or unique("txn"), **settings})
    producer.init_transactions(15)
    return producer


def in_transaction(producer, topic, values, end):
    producer.begin_transaction()
    for value in values:
        producer.produce(topic, value, partition=0)
    same(producer.flush(15), 0, "messages left")
    if end == "commit":
        producer.commit_transaction(15)
    elif end == "abort":
        producer.abort_transaction(15)


def values_read(bootstrap, topic, count, isolation="read_committed"):
    """The values of partition 0: so many, and no more within a moment."""
    reader = consumer(bootstrap, isolation_level=isolation)
    reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    messages = consumed(reader, count)
    that(reader.poll(0.5) is None, "one message too many")
    reader.close()
    return [message.value() for message in messages]


@check("transactions: commit, abort, commit, and one that stays open")
def commit_and_abort(bootstrap):
    topic = made(bootstrap)
    producer = transactional(bootstrap)
    for values, end in (([b"a", b"b"], "commit"), ([b"c"], "abort"), ([b"d"], "commit"), ([b"e"], "open")):
        in_transaction(producer, topic, values, end)
    same(values_read(bootstrap, topic, 3), [b"a", b"b", b"d"], "read_committed")
    same(values_read(bootstrap, topic, 5, "read_uncommitted"), [b"a", b"b", b"c", b"d", b"e"], "read_uncommitted")
    producer.commit_transaction(15)
    same(values_read(bootstrap, topic, 4), [b"a", b"b", b"d", b"e"], "after the last commit")


def offsets_check(protocol):
    @check(f"transactions: offsets come with the commit, {protocol} group")
    def offsets(bootstrap):
        topic = made(bootstrap)
        group = unique("group")
        produced(bootstrap, topic, [b"x"] * 6)
        settings = OF_CONSUMER_PROTOCOL if protocol == "consumer" else {}
        reader = consumer(bootstrap, group, enable_auto_commit=False, **settings)
        reader.subscribe([topic])
        consumed(reader, 6)
        producer = transactional(bootstrap)
        for offset, end, expected in ((5, producer.abort_transaction, -1001), (4, producer.commit_transaction, 4)):
            producer.begin_transaction()
            producer.send_offsets_to_transaction([TopicPartition(topic, 0, offset)], reader.consumer_group_metadata(), 15)
            end(15)
            asked = [TopicPartition(topic, 0)]
            until(lambda at=asked, wanted=expected: reader.committed(at, 10)[0].offset == wanted, f"offset {expected}")
        reader.close()
        second = consumer(bootstrap, group, **settings)
        second.subscribe([topic])
        same([message.offset() for message in consumed(second, 2)], [4, 5], "offsets")
        second.close()


for each in ("classic", "consumer"):
    offsets_check(each)


@check("transactions: a second producer with the id fences the first")
def fencing(bootstrap):
    topic = made(bootstrap)
    transactional_id = unique("txn")
    zombie = transactional(bootstrap, transactional_id)
    in_transaction(zombie, topic, [b"zombie"], "open")
    living = transactional(bootstrap, transactional_id)
    error = raised(KafkaException, lambda: zombie.commit_transaction(15)).args[0]
    that(error.fatal(), str(error))
    in_transaction(living, topic, [b"living"], "commit")
    same(values_read(bootstrap, topic, 1), [b"living"], "read_committed")


@check("transactions: consume, transform, produce, with members that come and go")
def transform(bootstrap):
    source, sink = made(bootstrap, 4), made(bootstrap)
    group = unique("group")
    for partition in range(4):
        produced(bootstrap, source, [f"{partition}-{i}".encode() for i in range(50)], partition=partition)
    workers = [Worker(bootstrap, source, sink, group) for _ in range(2)]
    replaced = []

    def is_done():
        for worker in workers:
            worker.turn()
        if not replaced and sum(worker.done for worker in workers) > 60:
            # It leaves with a transaction open; who comes after it does that part again.
            gone = workers.pop(0)
            gone.leave_open()
            replaced.append(gone)
            workers.append(Worker(bootstrap, source, sink, group))
        # Not told before the transaction of the one that has gone is over: five seconds, and until somebody looks.
        at = workers[0].reader.committed([TopicPartition(source, p) for p in range(4)], 25)
        return all(place.offset == 50 for place in at)

    until(is_done, "the end of the input", 45)
    same(sorted(values_read(bootstrap, sink, 200)), sorted(f"{p}-{i}!".encode() for p in range(4) for i in range(50)), "output")


class Worker:
    """Reads some, writes what it made of them, commits both."""

    def __init__(self, bootstrap, source, sink, group):
        self.reader = consumer(bootstrap, group, enable_auto_commit=False, isolation_level="read_committed")
        self.reader.subscribe([source])
        self.producer = transactional(bootstrap, **{"transaction.timeout.ms": 5000})
        self.sink = sink
        self.done = 0

    def begin(self):
        messages = [message for message in self.reader.consume(10, 0.1) if message.error() is None]
        if not messages:
            return 0
        self.producer.begin_transaction()
        for message in messages:
            self.producer.produce(self.sink, message.value() + b"!", partition=0)
        places = [TopicPartition(tp.topic, tp.partition, tp.offset) for tp in self.reader.position(self.reader.assignment())]
        places = [place for place in places if place.offset >= 0]
        self.producer.send_offsets_to_transaction(places, self.reader.consumer_group_metadata(), 15)
        return len(messages)

    def turn(self):
        try:
            count = self.begin()
            if count > 0:
                self.producer.commit_transaction(15)
                self.done += count
        except KafkaException as error:
            # The group went on without it: it reads again what it had not committed.
            that(error.args[0].txn_requires_abort(), str(error))
            self.producer.abort_transaction(15)
            for place in self.reader.committed(self.reader.assignment(), 25):
                self.reader.seek(TopicPartition(place.topic, place.partition, max(place.offset, 0)))

    def leave_open(self):
        try:
            self.begin()
        except KafkaException:
            pass
        self.producer.flush(5)
        self.reader.close()
