"""Consume, transform, produce, each input in one transaction with its offset: confluent-kafka-python's exactly-once job.

    copy_job.py feed BOOTSTRAP COUNT SECONDS REPLICAS   makes both topics and writes COUNT numbered records over SECONDS
                     [LOG]                              where librdkafka's producer tells of itself meanwhile
    copy_job.py work BOOTSTRAP NAME                     copies until it is killed
    copy_job.py check BOOTSTRAP COUNT SECONDS           every number is there once, or what is not after SECONDS
"""

import json
import os
import signal
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from feeding import feed_all
from forgetting import Memory

INPUT, OUTPUT, PARTITIONS = "copy-input", "copy-output", 4
BATCH = 500
STUCK_SECONDS = 30
# Brokers that are away come back at any time.
PATIENT = {"reconnect.backoff.max.ms": 1_000}


def feed(bootstrap, count, seconds, replicas, log=None):
    told = {} if log is None else {"debug": "broker,topic,metadata,eos"}
    if log is not None:
        told_to(log)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topics = [NewTopic(name, PARTITIONS, replicas) for name in (INPUT, OUTPUT)]
    for made in admin.create_topics(topics, operation_timeout=30).values():
        made.result(60)
    wrong = feed_all(INPUT, count, seconds, {"bootstrap.servers": bootstrap, **PATIENT, **told})
    if wrong:
        sys.exit(wrong)


def told_to(log):
    """librdkafka writes to the descriptor of stderr, which becomes this file; what this program says goes where it went."""
    sys.stderr = os.fdopen(os.dup(2), "w")
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), 2)


class Worker:
    def __init__(self, bootstrap, name):
        settings = {"bootstrap.servers": bootstrap, **PATIENT}
        self.memories = [Memory(), Memory()]
        self.producer = Producer(
            {
                **settings,
                **self.memories[0].settings,
                "transactional.id": f"copy-{name}",
                "transaction.timeout.ms": 30_000,
                "linger.ms": 2,
            }
        )
        self.producer.init_transactions(120)
        self.consumer = Consumer(
            {
                **settings,
                **self.memories[1].settings,
                "group.id": "copiers",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "session.timeout.ms": 6_000,
            }
        )
        self.consumer.subscribe([INPUT])

    def run(self):
        while True:
            self.remembers()
            messages = [message for message in self.consumer.consume(BATCH, 0.5) if message.error() is None]
            if messages:
                self.copy(messages)

    def remembers(self):
        """Who has forgotten its brokers ends here, and is started again."""
        self.producer.poll(0)
        if any(memory.is_lost() for memory in self.memories):
            sys.exit("librdkafka has forgotten its brokers (forgetting.py)")

    def copy(self, messages):
        self.producer.begin_transaction()
        try:
            for message in messages:
                self.producer.produce(OUTPUT, key=message.key(), value=b"copy of " + message.value())
                self.producer.poll(0)
            positions = self.consumer.position(self.consumer.assignment())
            # librdkafka waits for ever for a group coordinator that was away for a moment (its issues 5456 and 5511): whoever
            # is stuck ends here, and is started again.
            signal.alarm(STUCK_SECONDS)
            self.producer.send_offsets_to_transaction(positions, self.consumer.consumer_group_metadata(), 20)
            signal.alarm(0)
            self.committed()
        except KafkaException as failure:
            signal.alarm(0)
            error = failure.args[0]
            if error.fatal() or not (error.txn_requires_abort() or error.retriable()):
                raise
            self.producer.abort_transaction(120)
            self.rewind()

    def committed(self):
        while True:
            try:
                return self.producer.commit_transaction(60)
            except KafkaException as failure:
                if not failure.args[0].retriable():
                    raise
                self.remembers()

    def rewind(self):
        """What was aborted is read again."""
        for partition in self.consumer.committed(self.consumer.assignment(), 60):
            if partition.offset < 0:
                partition.offset = OFFSET_BEGINNING
            self.consumer.seek(partition)


def check(bootstrap, count, seconds):
    reader = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "checker",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": False,
        }
    )
    reader.assign([TopicPartition(OUTPUT, partition, OFFSET_BEGINNING) for partition in range(PARTITIONS)])
    seen, doubles = set(), []
    deadline = time.monotonic() + seconds
    # A moment longer than needed: what comes twice comes late.
    quiet_since = None
    while time.monotonic() < deadline:
        messages = reader.consume(5_000, 1)
        for message in messages:
            if message.error() is not None:
                continue
            number = int(message.value().removeprefix(b"copy of "))
            (doubles.append if number in seen else seen.add)(number)
        if len(seen) >= count and not messages:
            quiet_since = quiet_since or time.monotonic()
            if time.monotonic() - quiet_since > 5:
                break
        elif messages:
            quiet_since = None
    reader.close()
    missing = [number for number in range(count) if number not in seen]
    print(json.dumps({"seen": len(seen), "doubles": len(doubles), "missing": len(missing)}))
    if doubles or missing:
        sys.exit(f"twice: {doubles[:5]}; never: {missing[:5]}")


if __name__ == "__main__":
    verb, bootstrap, *rest = sys.argv[1:]
    if verb == "feed":
        feed(bootstrap, int(rest[0]), float(rest[1]), int(rest[2]), *rest[3:])
    elif verb == "work":
        Worker(bootstrap, rest[0]).run()
    else:
        check(bootstrap, int(rest[0]), float(rest[1]))
