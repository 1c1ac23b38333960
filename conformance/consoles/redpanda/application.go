package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

const records = 90

// write puts records in turn into the three partitions of the topic, each with a header.
func write(ctx context.Context, bootstrap, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	batch := make([]*kgo.Record, records)
	for i := range batch {
		batch[i] = &kgo.Record{
			Topic:     topic,
			Partition: int32(i % 3),
			Key:       fmt.Appendf(nil, "key %d", i),
			Value:     fmt.Appendf(nil, "value %d", i),
			Headers:   []kgo.RecordHeader{{Key: "number", Value: fmt.Appendf(nil, "%d", i)}},
		}
	}
	return client.ProduceSync(ctx, batch...).FirstErr()
}

// member reads all that there is, commits it, and stays in the group until the client is closed.
func member(ctx context.Context, bootstrap, group, topic, clientID string) (*kgo.Client, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ClientID(clientID),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	)
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			fetches := client.PollFetches(ctx)
			if fetches.IsClientClosed() || ctx.Err() != nil {
				return
			}
			if !fetches.Empty() {
				_ = client.CommitRecords(ctx, fetches.Records()...)
			}
		}
	}()
	return client, nil
}

func (c console) application(ctx context.Context) []*kgo.Client {
	var members []*kgo.Client
	show("two members join", func() error {
		for i := range 2 {
			client, err := member(ctx, c.bootstrap, group, topic, fmt.Sprintf("application-%d", i))
			if err != nil {
				return err
			}
			members = append(members, client)
		}
		return until(func() error {
			described, err := c.admin.DescribeGroups(ctx, group)
			return first(err, same(len(described[group].Members), 2, "members"),
				same(described[group].State, "Stable", "state"))
		})
	})
	return members
}
