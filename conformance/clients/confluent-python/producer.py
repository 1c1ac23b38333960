"""What a producer promises: contents, codecs, acknowledgements, idempotence, errors."""

import time

from checks import RECENT, check, raised, same, that, unique
from confluent_kafka import TIMESTAMP_CREATE_TIME, KafkaError, KafkaException, Producer
from records import made, produced, read_all


@check("producer: keys, values, nulls, headers, timestamps")
def producer_round_trip(bootstrap):
    topic = made(bootstrap)
    producer = Producer({"bootstrap.servers": bootstrap})
    headers = [("one", b"1"), ("two", b"a"), ("two", b"b"), ("null", None), ("empty", b"")]
    producer.produce(topic, key="k", value="v", headers=headers, timestamp=RECENT)
    producer.produce(topic)
    producer.produce(topic, key="", value="", headers={})
    same(producer.flush(10), 0, "messages left")
    first, null, empty = read_all(bootstrap, topic, 3)
    same((first.key(), first.value()), (b"k", b"v"), "first")
    same(first.headers(), headers, "headers")
    same(first.timestamp(), (TIMESTAMP_CREATE_TIME, RECENT), "timestamp")
    same((null.key(), null.value(), null.headers()), (None, None, None), "nulls")
    same((empty.key(), empty.value()), (b"", b""), "empty")
    same([m.offset() for m in (first, null, empty)], [0, 1, 2], "offsets")
    that(abs(null.timestamp()[1] / 1000 - time.time()) < 60, f"default timestamp {null.timestamp()}")


def codec_check(codec):
    @check(f"producer: {codec}")
    def round_trip(bootstrap):
        topic = made(bootstrap)
        values = [f"value {i} {'y' * (i % 300)}".encode() for i in range(2_000)]
        produced(bootstrap, topic, values, **{"compression.type": codec})
        same([m.value() for m in read_all(bootstrap, topic, len(values))], values, "values")


for each in ("gzip", "snappy", "lz4", "zstd"):
    codec_check(each)


def acks_check(acks):
    @check(f"producer: acks {acks}")
    def delivered(bootstrap):
        topic = made(bootstrap)
        messages = produced(bootstrap, topic, [b"a", b"b", b"c"], acks=acks)
        if acks != "0":
            same([m.offset() for m in messages], [0, 1, 2], "offsets")
        same([m.value() for m in read_all(bootstrap, topic, 3)], [b"a", b"b", b"c"], "values")


for each in ("0", "1", "all"):
    acks_check(each)


@check("producer: idempotent, in order and once")
def producer_idempotent(bootstrap):
    topic = made(bootstrap)
    values = [str(i).encode() for i in range(10_000)]
    settings = {"enable.idempotence": True, "batch.num.messages": 100}
    messages = produced(bootstrap, topic, values, **settings)
    same([m.offset() for m in messages], list(range(10_000)), "offsets")
    same([m.value() for m in read_all(bootstrap, topic, 10_000)], values, "values")


@check("producer: to an auto-created topic")
def producer_auto_created(bootstrap):
    topic = unique("auto")
    produced(bootstrap, topic, [b"first"], partition=3)
    same([m.value() for m in read_all(bootstrap, topic, 1, partition=3)], [b"first"], "values")


@check("producer: a partition that is not there")
def producer_unknown_partition(bootstrap):
    topic = made(bootstrap)
    told = []
    producer = Producer({"bootstrap.servers": bootstrap, "message.timeout.ms": 5000})

    def produce():
        producer.produce(topic, value=b"x", partition=7, on_delivery=lambda error, _: told.append(error))
        producer.flush(10)
        if told and told[0] is not None:
            raise KafkaException(told[0])

    same(raised(KafkaException, produce).args[0].code(), KafkaError._UNKNOWN_PARTITION, "error")


@check("producer: a record that is too large for the topic")
def producer_too_large(bootstrap):
    topic = made(bootstrap, config={"max.message.bytes": "2000"})
    told = []
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce(topic, value=b"x" * 5_000, on_delivery=lambda error, _: told.append(error))
    producer.flush(10)
    same(told[0].code(), KafkaError.MSG_SIZE_TOO_LARGE, "error")
