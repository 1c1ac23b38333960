"""python-schema-registry-client, unmodified, against a registry (the address is its URL)."""

from checks import check, main, raised, same, that, unique
from schema_registry.client import SchemaRegistryClient, schema
from schema_registry.client.errors import ClientError
from schema_registry.serializers import AvroMessageSerializer, JsonMessageSerializer

ORDER = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]}
SALE = {"type": "object", "properties": {"id": {"type": "integer"}}}


def order(**fields):
    return schema.AvroSchema({**ORDER, **fields})


@check("registers, looks up, lists")
def _(url):
    client, subject = SchemaRegistryClient(url=url), unique("subject")
    schema_id = client.register(subject, order())
    same(client.register(subject, order()), schema_id, "the id")
    same(client.get_by_id(schema_id).raw_schema["name"], "Order", "by id")
    found = client.get_schema(subject)
    same((found.version, found.schema_id, found.schema.raw_schema["name"]), (1, schema_id, "Order"), "the latest")
    same(client.check_version(subject, order()).version, 1, "looked up")
    same(client.get_versions(subject), [1], "versions")
    that(subject in client.get_subjects(), "listed")
    same(SchemaRegistryClient(url=url).get_schema(unique("none")), None, "what is not there")


@check("levels and compatibility")
def _(url):
    client, subject = SchemaRegistryClient(url=url), unique("subject")
    client.register(subject, order())
    other = order(fields=[{"name": "id", "type": "string"}])
    same(client.test_compatibility(subject, other), False, "compatible")
    raised(ClientError, lambda: client.register(subject, other))
    that(client.update_compatibility("NONE", subject), "set")
    same(client.get_compatibility(subject), "NONE", "the level")
    that(client.register(subject, other), "registered")


@check("deletes")
def _(url):
    client, subject = SchemaRegistryClient(url=url), unique("subject")
    client.register(subject, order())
    same(client.delete_version(subject, 1), 1, "a version")
    # The client remembers what it has registered: another one asks again.
    other = SchemaRegistryClient(url=url)
    other.register(subject, order())
    same(other.delete_subject(subject), [2], "a subject")


@check("avro and json messages")
def _(url):
    client, topic = SchemaRegistryClient(url=url), unique("topic")
    avro = AvroMessageSerializer(client)
    same(avro.decode_message(avro.encode_record_with_schema(topic, order(), {"id": 7})), {"id": 7}, "avro")
    json = JsonMessageSerializer(client)
    sale = schema.JsonSchema(SALE)
    same(json.decode_message(json.encode_record_with_schema(unique("topic"), sale, {"id": 7})), {"id": 7}, "json")


if __name__ == "__main__":
    main()
