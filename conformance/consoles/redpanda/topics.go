package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func (c console) createTopic(ctx context.Context) error {
	created, err := c.admin.CreateTopic(ctx, 3, -1, map[string]*string{"retention.ms": kadm.StringPtr("86400000")},
		topic)
	if err != nil {
		return err
	}
	return first(created.Err, same(created.NumPartitions, 3, "partitions"),
		same(created.ReplicationFactor, 1, "replicas"),
		that(len(created.Configs) > 20, "configs in the answer", len(created.Configs)))
}

func (c console) topicConfigs(ctx context.Context) error {
	configs, err := c.describeConfigs(ctx, kmsg.ConfigResourceTypeTopic, topic)
	retention := configs["retention.ms"]
	return first(err, that(len(configs) >= 30, "configs", len(configs)), documented(configs),
		same(value(retention), "86400000", "retention.ms"),
		same(retention.Source, kmsg.ConfigSourceDynamicTopicConfig, "source"),
		same(retention.ConfigType, kmsg.ConfigTypeLong, "type"),
		that(len(configs["segment.bytes"].ConfigSynonyms) > 0, "synonyms of segment.bytes"))
}

func (c console) incrementalAlterConfigs(ctx context.Context) error {
	altered, err := c.admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{
		{Op: kadm.SetConfig, Name: "max.message.bytes", Value: kadm.StringPtr("5000")},
		{Op: kadm.AppendConfig, Name: "cleanup.policy", Value: kadm.StringPtr("compact")},
		{Op: kadm.DeleteConfig, Name: "retention.ms"},
	}, topic)
	if err != nil {
		return err
	}
	return first(altered[0].Err, until(func() error {
		configs, err := c.describeConfigs(ctx, kmsg.ConfigResourceTypeTopic, topic)
		return first(err, same(value(configs["max.message.bytes"]), "5000", "max.message.bytes"),
			same(value(configs["cleanup.policy"]), "delete,compact", "cleanup.policy"),
			same(value(configs["retention.ms"]), "604800000", "retention.ms"))
	}))
}

func (c console) alterConfigs(ctx context.Context) error {
	altered, err := c.admin.AlterTopicConfigsState(ctx,
		[]kadm.AlterConfig{{Name: "retention.ms", Value: kadm.StringPtr("7200000")}}, topic)
	if err != nil {
		return err
	}
	return first(altered[0].Err, until(func() error {
		configs, err := c.describeConfigs(ctx, kmsg.ConfigResourceTypeTopic, topic)
		return first(err, same(value(configs["retention.ms"]), "7200000", "retention.ms"),
			same(value(configs["cleanup.policy"]), "delete", "cleanup.policy"),
			same(value(configs["max.message.bytes"]), "1048588", "max.message.bytes"))
	}))
}

func (c console) offsets(ctx context.Context) error {
	starts, err := c.admin.ListStartOffsets(ctx, topic)
	if err != nil {
		return err
	}
	ends, err := c.admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	later, err := c.admin.ListOffsetsAfterMilli(ctx, 1000, topic)
	if err != nil {
		return err
	}
	for p := range int32(3) {
		if err := first(same(starts[topic][p].Offset, 0, "start"), same(ends[topic][p].Offset, 30, "end"),
			same(later[topic][p].Offset, 0, "by time")); err != nil {
			return err
		}
	}
	return first(starts.Error(), ends.Error(), later.Error())
}

func (c console) messages(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(c.bootstrap), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
		topic: {1: kgo.NewOffset().At(20)},
	}), kgo.KeepControlRecords())
	if err != nil {
		return err
	}
	defer client.Close()
	var read []*kgo.Record
	for len(read) < 10 && ctx.Err() == nil {
		read = append(read, client.PollFetches(ctx).Records()...)
	}
	return first(ctx.Err(), same(read[0].Offset, 20, "offset"), same(string(read[0].Value), "value 61", "value"),
		same(string(read[0].Headers[0].Value), "61", "header"),
		that(time.Since(read[0].Timestamp) < time.Hour, "timestamp", read[0].Timestamp))
}

func (c console) publish(ctx context.Context) error {
	record := &kgo.Record{Topic: topic, Value: []byte("by hand"),
		Headers: []kgo.RecordHeader{{Key: "from", Value: []byte("console")}}}
	for _, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(),
		kgo.Lz4Compression(), kgo.ZstdCompression()} {
		client, err := kgo.NewClient(kgo.SeedBrokers(c.bootstrap), kgo.ProducerBatchCompression(codec))
		if err != nil {
			return err
		}
		err = client.ProduceSync(ctx, record).FirstErr()
		client.Close()
		if err != nil {
			return err
		}
	}
	return that(record.Offset >= 0, "offset", record.Offset)
}

func (c console) morePartitions(ctx context.Context) error {
	changed, err := c.admin.UpdatePartitions(ctx, 5, topic)
	if err != nil {
		return err
	}
	return first(changed.Error(), until(func() error {
		metadata, err := c.admin.Metadata(ctx, topic)
		return first(err, same(len(metadata.Topics[topic].Partitions), 5, "partitions"))
	}))
}

func (c console) deleteRecords(ctx context.Context) error {
	var offsets kadm.Offsets
	offsets.AddOffset(topic, 0, 10, -1)
	offsets.AddOffset(topic, 1, -1, -1)
	deleted, err := c.admin.DeleteRecords(ctx, offsets)
	if err != nil {
		return err
	}
	starts, err := c.admin.ListStartOffsets(ctx, topic)
	return first(deleted.Error(), err, same(starts[topic][0].Offset, 10, "start"),
		same(deleted[topic][0].LowWatermark, 10, "low watermark"),
		same(starts[topic][1].Offset, deleted[topic][1].LowWatermark, "start of what was emptied"))
}

func (c console) deleteTopic(ctx context.Context) error {
	deleted, err := c.admin.DeleteTopics(ctx, topic)
	if err != nil {
		return err
	}
	// The client remembers metadata for a moment.
	return first(deleted.Error(), until(func() error {
		topics, err := c.admin.ListTopics(ctx)
		return first(err, that(!topics.Has(topic), "still listed"))
	}))
}
