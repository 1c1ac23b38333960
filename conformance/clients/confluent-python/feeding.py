"""The numbered records that copy_job.py copies: each is written once, also where librdkafka forgets its brokers meanwhile."""

import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from forgetting import Memory

BUFFER_SECONDS = 0.1
LAST_SECONDS = 300


class Feeder:
    """One producer, and what it has been given."""

    def __init__(self, topic, settings, failed):
        self.topic = topic
        self.open = set()
        self.failed = failed
        self.memory = Memory()
        self.is_abandoned = False
        self.producer = Producer(
            {
                **settings,
                **self.memory.settings,
                "enable.idempotence": True,
                "linger.ms": 5,
                "message.timeout.ms": 900_000,
            }
        )

    def send(self, number):
        """False when there is no room for it now."""
        text = str(number)
        try:
            self.producer.produce(self.topic, value=text, key=text, on_delivery=self.delivered)
        except BufferError:
            self.producer.poll(BUFFER_SECONDS)
            return False
        self.open.add(number)
        self.producer.poll(0)
        return True

    def delivered(self, error, message):
        if self.is_abandoned:
            return
        if error:
            self.failed.append(error)
        self.open.discard(int(message.value()))

    def abandon(self):
        """Nothing of it is sent any more. Returns what was not acknowledged."""
        self.is_abandoned = True
        self.producer.purge()
        self.producer.flush(10)
        return self.open

    def where(self):
        """What librdkafka waits for: the states of its brokers, and of each partition its leader and how many records are where."""
        brokers = {name: broker["state"] for name, broker in self.memory.statistics.get("brokers", {}).items()}
        partitions = self.memory.statistics.get("topics", {}).get(self.topic, {}).get("partitions", {})
        fields = ("leader", "broker", "msgq_cnt", "xmit_msgq_cnt", "msgs_inflight")
        return f"{brokers} {({index: [one[field] for field in fields] for index, one in partitions.items()})}"


def feed_all(topic, count, seconds, settings):
    """Writes 0 to `count` over so many seconds. Returns what is wrong, or None."""
    failed = []
    feeder = Feeder(topic, settings, failed)
    again = []
    number = 0
    started = time.monotonic()
    deadline = None
    while again or number < count or feeder.open:
        if feeder.memory.is_lost():
            again += sorted(feeder.abandon() - written(topic, settings["bootstrap.servers"]))
            feeder = Feeder(topic, settings, failed)
            deadline = None
            print(f"librdkafka had forgotten its brokers: {len(again)} records by another producer", flush=True)
        if again:
            if feeder.send(again[-1]):
                again.pop()
        elif number < count:
            early = started + seconds * number / count - time.monotonic()
            if early > 0.01:
                time.sleep(early)
            if feeder.send(number):
                number += 1
        else:
            deadline = deadline or time.monotonic() + LAST_SECONDS
            if time.monotonic() > deadline:
                break
            feeder.producer.poll(1)
    if feeder.open or failed:
        return f"{len(feeder.open)} records left, {len(failed)} not delivered: {failed[:3]}; {feeder.where()}"
    return None


def written(topic, bootstrap):
    """Every number that stands in the topic."""
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "feeder", "enable.auto.commit": False})
    partitions = reader.list_topics(topic, 60).topics[topic].partitions
    ends = {index: reader.get_watermark_offsets(TopicPartition(topic, index), 60)[1] for index in partitions}
    reader.assign([TopicPartition(topic, index, OFFSET_BEGINNING) for index in partitions])
    numbers = set()
    while any(ends.values()):
        for message in reader.consume(5_000, 1):
            if message.error() is not None:
                continue
            numbers.add(int(message.value()))
            if message.offset() + 1 >= ends[message.partition()]:
                ends[message.partition()] = 0
    reader.close()
    return numbers
