// confluent-kafka-go's schemaregistry and its serialisers, unmodified, against a registry (the address is its URL).
//
//	PROGRAM list              one line {"check": NAME} for each check
//	PROGRAM run URL NAME      one line {"check": NAME, "passed": true | false, "detail": TEXT}
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/rest"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde/avrov2"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde/jsonschema"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde/protobuf"
	"google.golang.org/protobuf/types/known/durationpb"
)

type check struct {
	name string
	body func(url string)
}

type Order struct {
	ID   int64  `json:"id" avro:"id"`
	Note string `json:"note" avro:"note"`
}

const order = `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"note","type":"string"}]}`
const other = `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}`

var checks = []check{
	{"client: registers, looks up, lists", lists},
	{"client: compatibility and config", compatibility},
	{"client: deletes, references, contexts, metadata", deletes},
	{"avro: serialises and deserialises", avro},
	{"json: serialises and deserialises", jsons},
	{"protobuf: serialises and deserialises with references", protobufs},
}

func client(url string) schemaregistry.Client {
	return must(schemaregistry.NewClient(schemaregistry.NewConfig(url)))
}

func lists(url string) {
	cl, subject := client(url), unique("subject")
	info := schemaregistry.SchemaInfo{Schema: order}
	id := must(cl.Register(subject, info, false))
	that(must(client(url).Register(subject, info, false)) == id, "the id", id)
	that(must(client(url).GetBySubjectAndID(subject, id)).Schema == order, "by id", id)
	that(must(client(url).GetID(subject, info, false)) == id, "looked up", id)
	that(must(client(url).GetVersion(subject, info, false)) == 1, "the version", id)
	latest := must(cl.GetLatestSchemaMetadata(subject))
	that(latest.ID == id && latest.Version == 1 && latest.Subject == subject, "the latest", latest)
	that(must(cl.GetSchemaMetadata(subject, 1)).ID == id, "by version", id)
	that(slices.Contains(must(cl.GetAllSubjects()), subject), "listed", subject)
	that(len(must(cl.GetAllVersions(subject))) == 1, "versions", subject)
	that(len(must(cl.GetSubjectsAndVersionsByID(id))) > 0, "places", id)
	full := must(client(url).RegisterFullResponse(subject, info, false))
	that(must(client(url).GetByGUID(full.GUID)).Schema == order, "by GUID", full)
	code(40401, second(cl.GetLatestSchemaMetadata(unique("none"))))
}

func compatibility(url string) {
	cl, subject := client(url), unique("subject")
	must(cl.Register(subject, schemaregistry.SchemaInfo{Schema: order}, false))
	changed := schemaregistry.SchemaInfo{Schema: other}
	that(!must(cl.TestCompatibility(subject, 1, changed)), "with a version", subject)
	that(!must(cl.TestSubjectCompatibility(subject, changed)), "with all", subject)
	code(40901, second(cl.Register(subject, changed, false)))
	that(must(cl.UpdateCompatibility(subject, schemaregistry.None)) == schemaregistry.None, "set", subject)
	that(must(cl.GetCompatibility(subject)) == schemaregistry.None, "got", subject)
	that(must(cl.GetDefaultCompatibility()) == schemaregistry.Backward, "of all", subject)
	update := schemaregistry.ServerConfig{CompatibilityUpdate: schemaregistry.Full, Normalize: true}
	must(cl.UpdateConfig(subject, update))
	config := must(cl.GetConfig(subject, false))
	that(config.CompatibilityLevel == schemaregistry.Full && config.Normalize, "the config", config)
}

func deletes(url string) {
	cl, inner, outer := client(url), unique("inner/x"), unique("outer")
	must(cl.Register(inner, schemaregistry.SchemaInfo{Schema: `{"type":"record","name":"Inner","fields":[]}`}, false))
	must(cl.Register(outer, schemaregistry.SchemaInfo{
		Schema:     `{"type":"record","name":"Outer","fields":[{"name":"i","type":"Inner"}]}`,
		References: []schemaregistry.Reference{{Name: "Inner", Subject: inner, Version: 1}},
		Metadata:   &schemaregistry.Metadata{Properties: map[string]string{"owner": "team"}},
	}, false))
	that(must(cl.GetLatestWithMetadata(outer, map[string]string{"owner": "team"}, false)).Version == 1, "metadata", outer)
	code(42206, second(cl.DeleteSubject(inner, false)))
	that(must(cl.DeleteSubjectVersion(outer, 1, false)) == 1, "a version", outer)
	that(must(cl.DeleteSubjectVersion(outer, 1, true)) == 1, "for good", outer)
	that(len(must(cl.DeleteSubject(inner, false))) == 1, "a subject", inner)
	name := "." + unique("ctx")
	id := must(cl.Register(":"+name+":s", schemaregistry.SchemaInfo{Schema: `{"type":"record","name":"First","fields":[]}`}, false))
	that(id == 1, "ids begin anew", id)
	that(slices.Contains(must(cl.GetAllContexts()), name), "listed", name)
}

func avro(url string) {
	topic := unique("topic")
	must(client(url).Register(topic+"-value", schemaregistry.SchemaInfo{Schema: order}, false))
	config := avrov2.NewSerializerConfig()
	config.AutoRegisterSchemas = false
	config.UseLatestVersion = true
	serializer := must(avrov2.NewSerializer(client(url), serde.ValueSerde, config))
	bytes := must(serializer.Serialize(topic, &Order{ID: 7, Note: "n"}))
	deserializer := must(avrov2.NewDeserializer(client(url), serde.ValueSerde, avrov2.NewDeserializerConfig()))
	var read Order
	ok(deserializer.DeserializeInto(topic, bytes, &read))
	that(read == Order{ID: 7, Note: "n"}, "read again", read)
}

func jsons(url string) {
	topic := unique("topic")
	serializer := must(jsonschema.NewSerializer(client(url), serde.ValueSerde, jsonschema.NewSerializerConfig()))
	bytes := must(serializer.Serialize(topic, &Order{ID: 7, Note: "n"}))
	deserializer := must(jsonschema.NewDeserializer(client(url), serde.ValueSerde, jsonschema.NewDeserializerConfig()))
	var read Order
	ok(deserializer.DeserializeInto(topic, bytes, &read))
	that(read == Order{ID: 7, Note: "n"}, "read again", read)
}

func protobufs(url string) {
	topic := unique("topic")
	serializer := must(protobuf.NewSerializer(client(url), serde.ValueSerde, protobuf.NewSerializerConfig()))
	bytes := must(serializer.Serialize(topic, &durationpb.Duration{Seconds: 7}))
	deserializer := must(protobuf.NewDeserializer(client(url), serde.ValueSerde, protobuf.NewDeserializerConfig()))
	var read durationpb.Duration
	ok(deserializer.DeserializeInto(topic, bytes, &read))
	that(read.Seconds == 7, "read again", read.Seconds)
}

func main() {
	out := json.NewEncoder(os.Stdout)
	if len(os.Args) == 2 && os.Args[1] == "list" {
		for _, one := range checks {
			out.Encode(map[string]any{"check": one.name})
		}
		return
	}
	for _, one := range checks {
		if one.name == os.Args[3] {
			detail := run(os.Args[2], one.body)
			out.Encode(map[string]any{"check": one.name, "passed": detail == "", "detail": detail})
		}
	}
}

// Empty when the check passes; a check fails by panicking.
func run(url string, body func(url string)) (detail string) {
	defer func() {
		if failure := recover(); failure != nil {
			detail = fmt.Sprint(failure)
		}
	}()
	body(url)
	return ""
}

func must[T any](value T, err error) T {
	ok(err)
	return value
}

func second[T any](_ T, err error) error { return err }

func ok(err error) {
	if err != nil {
		panic(err)
	}
}

func that(fact bool, what string, shown any) {
	if !fact {
		panic(fmt.Sprintf("%s: %+v", what, shown))
	}
}

func code(wanted int, err error) {
	var told *rest.Error
	if !errors.As(err, &told) || told.Code != wanted {
		panic(fmt.Sprintf("code %d: %v", wanted, err))
	}
}

func unique(prefix string) string {
	bytes := make([]byte, 6)
	rand.Read(bytes)
	return prefix + "-" + hex.EncodeToString(bytes)
}
