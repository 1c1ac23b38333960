"""confluent-kafka-python's SchemaRegistryClient and its serialisers, unmodified, against a registry (the address is its URL)."""

import json

from checks import check, main, raised, same, that, unique
from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ORDER = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}, {"name": "note", "type": "string"}]}
SALES = {
    "type": "object",
    "title": "Sale",
    "properties": {"id": {"type": "integer"}, "note": {"type": "string"}},
    "required": ["id"],
}


def client_of(url):
    return SchemaRegistryClient({"url": url})


def avro(schema=ORDER):
    return Schema(json.dumps(schema), "AVRO")


def context(topic):
    return SerializationContext(topic, MessageField.VALUE)


@check("client: registers, looks up, lists")
def _(url):
    client, subject = client_of(url), unique("subject")
    schema_id = client.register_schema(subject, avro())
    same(client.register_schema(subject, avro()), schema_id, "the id")
    that(subject in client.get_subjects(), "the subject is listed")
    same(client.get_versions(subject), [1], "versions")
    same(json.loads(client.get_schema(schema_id).schema_str), ORDER, "the schema")
    latest = client.get_latest_version(subject)
    same((latest.version, latest.schema_id, latest.subject), (1, schema_id, subject), "the latest")
    same(client.lookup_schema(subject, avro()).version, 1, "looked up")
    same(client.get_version(subject, 1).schema_id, schema_id, "by version")


@check("client: a full response has the GUID, by which the schema is found")
def _(url):
    client, subject = client_of(url), unique("subject")
    registered = client.register_schema_full_response(subject, avro())
    that(registered.guid, "a GUID")
    same(json.loads(client.get_schema_by_guid(registered.guid).schema_str), ORDER, "the schema")


@check("client: references")
def _(url):
    client, inner, outer = client_of(url), unique("inner"), unique("outer")
    client.register_schema(inner, avro({"type": "record", "name": "Inner", "fields": []}))
    schema = {"type": "record", "name": "Outer", "fields": [{"name": "i", "type": "Inner"}]}
    referring = Schema(json.dumps(schema), "AVRO", [SchemaReference("Inner", inner, 1)])
    schema_id = client.register_schema(outer, referring)
    same(client.get_schema(schema_id).references[0].subject, inner, "the reference")
    error = raised(SchemaRegistryError, lambda: client.delete_subject(inner))
    same(error.error_code, 42206, "the code")


@check("client: compatibility")
def _(url):
    client, subject = client_of(url), unique("subject")
    client.register_schema(subject, avro())
    wider = {**ORDER, "fields": ORDER["fields"] + [{"name": "x", "type": "int"}]}
    that(not client.test_compatibility(subject, avro(wider)), "not compatible")
    that(not client.test_compatibility_all_versions(subject, avro(wider)), "not compatible with all")
    error = raised(SchemaRegistryError, lambda: client.register_schema(subject, avro(wider)))
    same((error.http_status_code, error.error_code), (409, 40901), "the code")
    client.set_compatibility(subject, "NONE")
    same(client.get_compatibility(subject), "NONE", "the level")
    that(client.register_schema(subject, avro(wider)), "registered")
    client.set_config(subject, ServerConfig(compatibility=ConfigCompatibilityLevel.FULL))
    same(client.get_config(subject).compatibility_level, ConfigCompatibilityLevel.FULL, "the config")
    error = raised(SchemaRegistryError, lambda: client.get_compatibility(unique("none")))
    same(error.error_code, 40408, "the code of none")


@check("client: deletes softly and for good")
def _(url):
    client, subject = client_of(url), unique("subject")
    client.register_schema(subject, avro())
    same(client.delete_version(subject, 1), 1, "deleted")
    that(subject not in client.get_subjects(), "no longer listed")
    same(client.delete_version(subject, 1, permanent=True), 1, "deleted for good")
    error = raised(SchemaRegistryError, lambda: client_of(url).get_latest_version(subject))
    same(error.error_code, 40401, "the code")
    client.register_schema(subject, avro())
    error = raised(SchemaRegistryError, lambda: client.delete_subject(subject, permanent=True))
    same(error.error_code, 40405, "the code of one that is not deleted yet")
    same(client.delete_subject(subject), [1], "the subject is deleted")
    same(client.delete_subject(subject, permanent=True), [1], "the subject is deleted for good")


@check("client: contexts, subjects with slashes, and what is not there")
def _(url):
    client, subject = client_of(url), unique("a/b c:d")
    schema_id = client.register_schema(subject, avro())
    same(client.get_latest_version(subject).schema_id, schema_id, "a subject with a slash")
    inside = f":.{unique('ctx')}:s"
    same(client.register_schema(inside, avro({"type": "record", "name": "First", "fields": []})), 1, "ids begin anew")
    that(inside.split(":")[1] in client.get_contexts(), "the context is listed")
    error = raised(SchemaRegistryError, lambda: client.get_schema(999999))
    same((error.http_status_code, error.error_code), (404, 40403), "the code")
    error = raised(SchemaRegistryError, lambda: client.get_latest_version(unique("none")))
    same(error.error_code, 40401, "the code")
    error = raised(SchemaRegistryError, lambda: client.register_schema(unique("bad"), Schema("{", "AVRO")))
    same((error.http_status_code, error.error_code), (422, 42201), "the code")


@check("avro: serialises and deserialises, by name and by references")
def _(url):
    client, topic = client_of(url), unique("topic")
    serialize = AvroSerializer(client, json.dumps(ORDER))
    data = serialize({"id": 7, "note": "hello"}, context(topic))
    same(data[0], 0, "magic byte")
    same(AvroDeserializer(client)(data, context(topic)), {"id": 7, "note": "hello"}, "read again")
    same(client.get_subjects().count(f"{topic}-value"), 1, "the subject")
    newer = {**ORDER, "fields": ORDER["fields"] + [{"name": "x", "type": "int", "default": 3}]}
    read = AvroDeserializer(client_of(url), json.dumps(newer))(data, context(topic))
    same(read, {"id": 7, "note": "hello", "x": 3}, "read with a newer schema")


@check("avro: without registering, with the latest version, normalised")
def _(url):
    client, topic = client_of(url), unique("topic")
    refused = AvroSerializer(client, json.dumps(ORDER), conf={"auto.register.schemas": False})
    raised(SchemaRegistryError, lambda: refused({"id": 1, "note": ""}, context(topic)))
    client.register_schema(f"{topic}-value", avro())
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    data = AvroSerializer(client, json.dumps(ORDER), conf=conf)({"id": 1, "note": "n"}, context(topic))
    same(AvroDeserializer(client)(data, context(topic))["note"], "n", "read again")
    normal = AvroSerializer(client, json.dumps(ORDER), conf={"normalize.schemas": True})
    that(normal({"id": 1, "note": ""}, context(unique("topic"))), "normalised")


@check("json: serialises, deserialises, validates")
def _(url):
    client, topic = client_of(url), unique("topic")
    serialize = JSONSerializer(json.dumps(SALES), client)
    data = serialize({"id": 7, "note": "hello"}, context(topic))
    read = JSONDeserializer(json.dumps(SALES), schema_registry_client=client)(data, context(topic))
    same(read, {"id": 7, "note": "hello"}, "read again")
    same(client.get_latest_version(f"{topic}-value").schema.schema_type, "JSON", "the type")


def order_message():
    """A message class from a descriptor of our own: no protoc here."""
    name = unique("orders").replace("-", "_")
    file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", package=name, syntax="proto3")
    message = file.message_type.add(name="Order")
    message.field.add(name="id", number=1, type=3, label=1)
    message.field.add(name="note", number=2, type=9, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{name}.Order"))


@check("protobuf: serialises and deserialises")
def _(url):
    client, topic = client_of(url), unique("topic")
    message = order_message()
    serialize = ProtobufSerializer(message, client, {"use.deprecated.format": False})
    data = serialize(message(id=7, note="hello"), context(topic))
    read = ProtobufDeserializer(message, {"use.deprecated.format": False}, client)(data, context(topic))
    same((read.id, read.note), (7, "hello"), "read again")
    registered = client.get_latest_version(f"{topic}-value")
    same(registered.schema.schema_type, "PROTOBUF", "the type")
    that("message Order" in client_of(url).get_version(f"{topic}-value", 1).schema.schema_str, "the text")


if __name__ == "__main__":
    main()
