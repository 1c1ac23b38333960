"""One client over one kind of login: produces a record and reads it back, or is refused.

    PROGRAM LIBRARY PORT WAY KEYS TOKEN

Exits with 0 when a record came back, with 3 when the client was refused, with 1 for anything else.
"""

import sys
import time
import uuid

library, port, way, keys, token = sys.argv[1:]
bootstrap = f"127.0.0.1:{port}"
TOPIC = "secured"
REFUSED = 3
LIMIT_S = 30

LOGINS = {
    "plain": ("PLAIN", "alice", "alice-secret"),
    "scram-256": ("SCRAM-SHA-256", "alice", "alice-secret"),
    "scram-512": ("SCRAM-SHA-512", "alice", "alice-secret"),
    "wrong-password": ("SCRAM-SHA-256", "alice", "guess"),
    "unknown-user": ("PLAIN", "nobody", "guess"),
}


def by_confluent():
    from confluent_kafka import Consumer, KafkaException, Producer

    options = {"bootstrap.servers": bootstrap, "ssl.ca.location": f"{keys}/ca.pem"}
    if way in LOGINS:
        mechanism, user, password = LOGINS[way]
        options |= {"security.protocol": "SASL_SSL", "sasl.mechanism": mechanism}
        options |= {"sasl.username": user, "sasl.password": password}
    elif way in ("oauth", "oauth-bad"):
        options |= {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER"}
        options["oauth_cb"] = lambda _: (token, time.time() + 3600)
    else:
        options["security.protocol"] = "SSL"
        if way != "no-certificate":
            options |= {"ssl.certificate.location": f"{keys}/{way}.pem", "ssl.key.location": f"{keys}/{way}.key"}
    failures = []
    options["error_cb"] = failures.append
    value = uuid.uuid4().hex
    producer = Producer(options | {"message.timeout.ms": 8000})
    outcome = []
    producer.produce(TOPIC, value, on_delivery=lambda error, _: outcome.append(error))
    producer.flush(10)
    if not outcome or outcome[0] is not None:
        print(outcome, failures, file=sys.stderr)
        return REFUSED
    consumer = Consumer(options | {"group.id": value, "auto.offset.reset": "earliest"})
    consumer.subscribe([TOPIC])
    deadline = time.monotonic() + LIMIT_S
    try:
        while time.monotonic() < deadline:
            message = consumer.poll(1)
            if message is not None and message.error() is None and message.value() == value.encode():
                return 0
    except KafkaException as error:
        print(error, file=sys.stderr)
    finally:
        consumer.close()
    return 1


def by_kafka_python():
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.errors import KafkaError
    from kafka.net.sasl.oauth import AbstractTokenProvider

    class Provider(AbstractTokenProvider):
        def token(self):
            return token

    options = {"bootstrap_servers": bootstrap, "ssl_cafile": f"{keys}/ca.pem"}
    if way in LOGINS:
        mechanism, user, password = LOGINS[way]
        options |= {"security_protocol": "SASL_SSL", "sasl_mechanism": mechanism}
        options |= {"sasl_plain_username": user, "sasl_plain_password": password}
    elif way in ("oauth", "oauth-bad"):
        options |= {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "OAUTHBEARER"}
        options["sasl_oauth_token_provider"] = Provider()
    else:
        options["security_protocol"] = "SSL"
        if way != "no-certificate":
            options |= {"ssl_certfile": f"{keys}/{way}.pem", "ssl_keyfile": f"{keys}/{way}.key"}
    value = uuid.uuid4().hex
    try:
        producer = KafkaProducer(**options, max_block_ms=8000)
        producer.send(TOPIC, value.encode()).get(10)
        producer.close()
    except (KafkaError, AssertionError, OSError) as error:
        print(repr(error), file=sys.stderr)
        return REFUSED
    consumer = KafkaConsumer(TOPIC, **options, group_id=value, auto_offset_reset="earliest")
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        for messages in consumer.poll(1000).values():
            if any(message.value == value.encode() for message in messages):
                consumer.close()
                return 0
    return 1


sys.exit(by_confluent() if library == "confluent" else by_kafka_python())
