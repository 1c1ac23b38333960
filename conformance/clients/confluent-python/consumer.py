"""A consumer's place in a partition: seek, pause, offsets by time, reset, errors."""

from checks import RECENT, check, same, that, unique, until
from confluent_kafka import OFFSET_BEGINNING, KafkaError, Producer, TopicPartition
from records import consumed, consumer, made, produced, settled


@check("consumer: seek")
def consumer_seek(bootstrap):
    topic = made(bootstrap)
    produced(bootstrap, topic, [str(i).encode() for i in range(20)])
    reader = consumer(bootstrap)
    reader.subscribe([topic])
    consumed(reader, 20)
    reader.seek(TopicPartition(topic, 0, 15))
    same([m.offset() for m in consumed(reader, 5)], [15, 16, 17, 18, 19], "offsets")
    reader.seek(TopicPartition(topic, 0, OFFSET_BEGINNING))
    same(consumed(reader, 1)[0].offset(), 0, "from the beginning")
    same(reader.position([TopicPartition(topic, 0)])[0].offset, 1, "position")
    reader.close()


@check("consumer: pause and resume")
def consumer_pause(bootstrap):
    topic = made(bootstrap, 2)
    reader = consumer(bootstrap)
    reader.subscribe([topic])
    settled([reader], 2)
    reader.pause([TopicPartition(topic, 0)])
    for partition in (0, 1):
        produced(bootstrap, topic, [b"x"] * 5, partition=partition)
    same({m.partition() for m in consumed(reader, 5)}, {1}, "while paused")
    that(reader.poll(0.5) is None, "a record of the paused partition")
    reader.resume([TopicPartition(topic, 0)])
    same([m.partition() for m in consumed(reader, 5)], [0] * 5, "after resume")
    reader.close()


@check("consumer: offsets_for_times")
def consumer_times(bootstrap):
    topic = made(bootstrap, 2)
    producer = Producer({"bootstrap.servers": bootstrap})
    for i in range(10):
        producer.produce(topic, value=b"x", partition=0, timestamp=RECENT + 1_000 * i)
    producer.flush(10)
    reader = consumer(bootstrap)
    asked = [(0, RECENT + 4_500), (0, 0), (0, RECENT + 999_999), (1, 0)]
    found = [reader.offsets_for_times([TopicPartition(topic, p, when)], 10)[0].offset for p, when in asked]
    same(found, [5, 0, -1, -1], "offsets")
    reader.close()


@check("consumer: watermarks")
def consumer_watermarks(bootstrap):
    topic = made(bootstrap)
    produced(bootstrap, topic, [b"x"] * 7)
    reader = consumer(bootstrap)
    same(reader.get_watermark_offsets(TopicPartition(topic, 0), 10), (0, 7), "watermarks")
    reader.close()


@check("consumer: auto.offset.reset latest and error")
def consumer_reset(bootstrap):
    topic = made(bootstrap)
    produced(bootstrap, topic, [b"old"] * 3)
    latest = consumer(bootstrap, auto_offset_reset="latest")
    latest.subscribe([topic])
    settled([latest], 1)

    def first_new():
        # Again and again: it looks up where the end is some time after it is assigned.
        produced(bootstrap, topic, [b"new"])
        return latest.poll(0.1)

    same(until(first_new, "a record").value(), b"new", "the first record")
    latest.close()
    strict = consumer(bootstrap, auto_offset_reset="error")
    strict.assign([TopicPartition(topic, 0, 99)])
    message = until(lambda: strict.poll(0.1), "an error")
    same(message.error().code(), KafkaError._AUTO_OFFSET_RESET, "error")
    strict.close()


@check("consumer: a topic that is not there")
def consumer_unknown(bootstrap):
    reader = consumer(bootstrap)
    reader.subscribe([unique("absent")])
    message = until(lambda: reader.poll(0.1), "an error")
    same(message.error().code(), KafkaError.UNKNOWN_TOPIC_OR_PART, "error")
    reader.close()
