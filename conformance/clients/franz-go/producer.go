package main

import (
	"errors"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var producerChecks = append([]check{
	{"producer: keys, values, nulls, headers, timestamps", func(s *session) {
		topic := s.made(1)
		headers := []kgo.RecordHeader{{Key: "one", Value: []byte("1")}, {Key: "one", Value: []byte{}}, {Key: "null"}}
		when := time.UnixMilli(recent)
		client := s.client(kgo.DefaultProduceTopic(topic))
		ok(client.ProduceSync(s.ctx, &kgo.Record{Key: []byte("k"), Value: []byte("v"), Headers: headers, Timestamp: when}).FirstErr())
		ok(client.ProduceSync(s.ctx, &kgo.Record{}).FirstErr())
		read := s.readAll(topic, 2)
		same([]string{string(read[0].Key), string(read[0].Value)}, []string{"k", "v"}, "first")
		same(read[0].Headers, headers, "headers")
		same(read[0].Timestamp.UnixMilli(), when.UnixMilli(), "timestamp")
		that(read[1].Key == nil && read[1].Value == nil && len(read[1].Headers) == 0, "nulls")
	}},
	{"producer: idempotent by default, in order and once", func(s *session) {
		topic := s.made(1)
		values := numbered(10_000)
		s.produced(topic, 0, values...)
		same(valuesOf(s.readAll(topic, len(values))), values, "values")
		described := must(s.admin().DescribeProducers(s.ctx, topicSet(topic, 0)))
		producers := described[topic].Partitions[0].ActiveProducers.Sorted()
		same(len(producers), 1, "producers")
		same(producers[0].LastSequence, int32(9_999), "last sequence")
	}},
	{"producer: acks 0 and 1, without idempotence", func(s *session) {
		topic := s.made(1)
		for _, acks := range []kgo.Acks{kgo.NoAck(), kgo.LeaderAck()} {
			client := s.client(kgo.DefaultProduceTopic(topic), kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite())
			ok(client.ProduceSync(s.ctx, kgo.StringRecord("a"), kgo.StringRecord("b")).FirstErr())
		}
		same(valuesOf(s.readAll(topic, 4)), []string{"a", "b", "a", "b"}, "values")
	}},
	{"producer: to an auto-created topic", func(s *session) {
		topic := unique("auto")
		client := s.client(kgo.AllowAutoTopicCreation(), kgo.DefaultProduceTopic(topic))
		ok(client.ProduceSync(s.ctx, kgo.StringRecord("first")).FirstErr())
		same(valuesOf(s.readAll(topic, 1)), []string{"first"}, "values")
	}},
	{"producer: a topic that is not there", func(s *session) {
		client := s.client(kgo.DefaultProduceTopic(unique("absent")), kgo.UnknownTopicRetries(2))
		err := client.ProduceSync(s.ctx, kgo.StringRecord("x")).FirstErr()
		that(errors.Is(err, kerr.UnknownTopicOrPartition), "not UnknownTopicOrPartition")
	}},
	{"producer: a record that is too large for the topic", func(s *session) {
		topic := unique("small")
		size := "2000"
		ok(must(s.admin().CreateTopic(s.ctx, 1, 1, map[string]*string{"max.message.bytes": &size}, topic)).Err)
		client := s.client(kgo.DefaultProduceTopic(topic), kgo.ProducerBatchCompression(kgo.NoCompression()))
		err := client.ProduceSync(s.ctx, kgo.StringRecord(strings.Repeat("x", 5_000))).FirstErr()
		that(errors.Is(err, kerr.MessageTooLarge), "not MessageTooLarge")
	}},
}, codecChecks()...)

func codecChecks() []check {
	checks := []check{}
	for name, codec := range map[string]kgo.CompressionCodec{
		"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	} {
		checks = append(checks, check{"producer: " + name, func(s *session) {
			topic := s.made(1)
			records := []*kgo.Record{}
			for _, value := range numbered(2_000) {
				records = append(records, kgo.StringRecord(value+strings.Repeat("y", 100)))
			}
			client := s.client(kgo.DefaultProduceTopic(topic), kgo.ProducerBatchCompression(codec))
			ok(client.ProduceSync(s.ctx, records...).FirstErr())
			same(valuesOf(s.readAll(topic, len(records))), valuesOf(records), "values")
		}})
	}
	return checks
}
