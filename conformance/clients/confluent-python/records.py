"""Topics, records and consumers for the checks of confluent-kafka-python."""

from checks import same, that, unique, until
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


# Members of KIP-848 are told by the broker how long their sessions are: None leaves a setting out.
OF_CONSUMER_PROTOCOL = {"group_protocol": "consumer", "session_timeout_ms": None, "heartbeat_interval_ms": None}


def made(bootstrap, partitions=1, config=None):
    """A topic of its own for a check, led when it is returned."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topic = unique("confluent")
    admin.create_topics([NewTopic(topic, partitions, 1, config=config or {})])[topic].result(10)

    def is_led():
        seen = admin.list_topics(topic, timeout=5).topics[topic]
        return len(seen.partitions) == partitions and all(p.leader >= 0 for p in seen.partitions.values())

    until(is_led, "leaders")
    return topic


def produced(bootstrap, topic, values, partition=-1, **settings):
    """Produces the values and returns their delivered messages, in the order of delivery."""
    delivered = []
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, **settings})

    def told(error, message):
        delivered.append(error or message)

    for value in values:
        options = {"partition": partition} if partition >= 0 else {}
        producer.produce(topic, value=value, on_delivery=told, **options)
        producer.poll(0)
    same(producer.flush(30), 0, "messages left")
    errors = [entry for entry in delivered if isinstance(entry, KafkaError)]
    same(errors, [], "delivery errors")
    return delivered


def consumer(bootstrap, group=None, **settings):
    configured = {
        "bootstrap.servers": bootstrap,
        "group.id": group or unique("group"),
        "auto.offset.reset": "earliest",
        "session.timeout.ms": 10000,
        "heartbeat.interval.ms": 500,
        **{key if callable(value) else key.replace("_", "."): value for key, value in settings.items()},
    }
    return Consumer({key: value for key, value in configured.items() if value is not None})


def consumed(reader, count):
    """Polls until there are so many messages."""
    messages = []

    def enough():
        for message in reader.consume(count - len(messages), 0.1):
            that(message.error() is None, str(message.error()))
            messages.append(message)
        return len(messages) >= count

    until(enough, f"{count} messages")
    return messages


def read_all(bootstrap, topic, count, partition=0):
    reader = consumer(bootstrap)
    reader.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)])
    messages = consumed(reader, count)
    that(reader.poll(0.2) is None, "one message too many")
    reader.close()
    return messages


def partitions_of(member):
    return sorted(tp.partition for tp in member.assignment())


def settled(members, partitions):
    """Polls every member until they share the partitions: each one some, no one the same, none left."""

    def is_shared():
        for member in members:
            member.poll(0.02)
        owned = [partitions_of(member) for member in members]
        return owned if all(owned) and sorted(sum(owned, [])) == list(range(partitions)) else None

    return until(is_shared, f"{partitions} partitions shared by {len(members)} members")
