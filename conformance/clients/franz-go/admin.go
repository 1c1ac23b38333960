package main

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

var adminChecks = []check{
	{"admin: topics and partitions", func(s *session) {
		admin := s.admin()
		topic := s.made(2)
		_, err := admin.CreateTopic(s.ctx, 1, 1, nil, topic)
		that(errors.Is(err, kerr.TopicAlreadyExists), "created again")
		_, err = admin.CreateTopic(s.ctx, 1, 3, nil, unique("factor"))
		that(errors.Is(err, kerr.InvalidReplicationFactor), "factor 3")
		detail := must(admin.ListTopics(s.ctx, topic))[topic]
		same(detail.Partitions.Numbers(), []int32{0, 1}, "partitions")
		that(detail.ID != kadm.TopicID{}, "topic id")
		same(detail.Partitions[0].ISR, []int32{0}, "in-sync replicas")
		ok(must(admin.UpdatePartitions(s.ctx, 5, topic)).Error())
		until("five partitions", func() bool { return len(must(admin.ListTopics(s.ctx, topic))[topic].Partitions) == 5 })
		ok(must(admin.DeleteTopic(s.ctx, topic)).Err)
		until("deleted", func() bool { return !must(admin.ListTopics(s.ctx)).Has(topic) })
	}},
	{"admin: configs", func(s *session) {
		admin := s.admin()
		topic := s.made(1)
		retention := func() (string, string) {
			described := must(must(admin.DescribeTopicConfigs(s.ctx, topic)).On(topic, nil))
			ok(described.Err)
			for _, config := range described.Configs {
				if config.Key == "retention.ms" {
					return config.MaybeValue(), config.Source.String()
				}
			}
			panic("no retention.ms")
		}
		value, source := retention()
		same([]string{value, source}, []string{"604800000", "DEFAULT_CONFIG"}, "before")
		changed := "7000"
		set := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &changed}}
		ok(must(must(admin.AlterTopicConfigs(s.ctx, set, topic)).On(topic, nil)).Err)
		// A change is answered before every broker acts on it.
		until("set", func() bool { value, source = retention(); return value == "7000" })
		same(source, "DYNAMIC_TOPIC_CONFIG", "source")
		gone := []kadm.AlterConfig{{Op: kadm.DeleteConfig, Name: "retention.ms"}}
		ok(must(must(admin.AlterTopicConfigs(s.ctx, gone, topic)).On(topic, nil)).Err)
		until("deleted", func() bool { value, _ = retention(); return value == "604800000" })
		broker := must(must(admin.DescribeBrokerConfigs(s.ctx, 0)).On("0", nil))
		that(len(broker.Configs) > 100, "broker configs")
		two := "2"
		threads := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "log.cleaner.threads", Value: &two}}
		ok(must(must(admin.ValidateAlterBrokerConfigs(s.ctx, threads, 0)).On("0", nil)).Err)
	}},
	{"admin: groups, their offsets and lag", func(s *session) {
		admin := s.admin()
		topic, group := s.made(2), unique("group")
		s.produced(topic, 0, numbered(5)...)
		one := s.member(group, topic)
		until("records", func() bool { return len(one.read()) == 5 })
		listed := must(admin.ListGroups(s.ctx))[group]
		same([]string{listed.State, listed.ProtocolType}, []string{"Stable", "consumer"}, "listed")
		that(must(admin.ListGroups(s.ctx, "Empty"))[group].Group == "", "listed by another state")
		described := must(admin.DescribeGroups(s.ctx, group))[group]
		same([]any{described.State, described.Protocol, len(described.Members)}, []any{"Stable", "cooperative-sticky", 1}, "described")
		that(described.AssignedPartitions().Lookup(topic, 1), "assigned")
		_, err := admin.DeleteGroup(s.ctx, group)
		that(errors.Is(err, kerr.NonEmptyGroup), "deleted with a member")
		ok(one.client.CommitUncommittedOffsets(s.ctx))
		one.leave()
		committed, found := must(admin.FetchOffsets(s.ctx, group)).Lookup(topic, 0)
		same([]any{committed.At, found}, []any{int64(5), true}, "committed")
		moved := kadm.Offsets{}
		moved.AddOffset(topic, 0, 2, -1)
		ok(admin.CommitAllOffsets(s.ctx, group, moved))
		lag := must(admin.Lag(s.ctx, group))[group]
		ok(lag.Error())
		same(lag.Lag.Total(), int64(3), "lag")
		deleted := must(admin.DeleteOffsets(s.ctx, group, topicSet(topic, 0)))
		ok(deleted.Error())
		ok(must(admin.DeleteGroup(s.ctx, group)).Err)
		that(must(admin.ListGroups(s.ctx))[group].Group == "", "still listed")
	}},
	{"admin: offsets and records", func(s *session) {
		admin := s.admin()
		topic := s.made(1)
		s.produced(topic, 0, numbered(10)...)
		at := func(listed kadm.ListedOffsets, err error) int64 {
			offset, found := must(listed, err).Lookup(topic, 0)
			that(found, "not listed")
			ok(offset.Err)
			return offset.Offset
		}
		same(at(admin.ListEndOffsets(s.ctx, topic)), int64(10), "end")
		same(at(admin.ListCommittedOffsets(s.ctx, topic)), int64(10), "last stable")
		upTo := kadm.Offsets{}
		upTo.AddOffset(topic, 0, 4, -1)
		deleted, _ := must(admin.DeleteRecords(s.ctx, upTo)).Lookup(topic, 0)
		same(deleted.LowWatermark, int64(4), "low watermark")
		same(at(admin.ListStartOffsets(s.ctx, topic)), int64(4), "start")
		same(at(admin.ListOffsetsAfterMilli(s.ctx, 0, topic)), int64(4), "after the epoch")
		epochs := kadm.OffsetForLeaderEpochRequest{}
		epochs.Add(topic, 0, 0)
		ended := must(admin.OffsetForLeaderEpoch(s.ctx, epochs))[topic][0]
		same([]int64{int64(ended.LeaderEpoch), ended.EndOffset}, []int64{0, 10}, "end of the leader's epoch")
	}},
	{"admin: cluster, versions, log directories, reassignments, elections", func(s *session) {
		admin := s.admin()
		topic := s.made(1)
		s.produced(topic, 0, "x")
		cluster := must(admin.BrokerMetadata(s.ctx))
		same([]any{len(cluster.Cluster), cluster.Controller, cluster.Brokers.NodeIDs()}, []any{22, int32(0), []int32{0}}, "cluster")
		versions := must(admin.ApiVersions(s.ctx))[0]
		ok(versions.Err)
		oldest, newest, served := versions.KeyVersions(1)
		that(served && oldest <= 4 && newest >= 17, "Fetch")
		dirs := must(admin.DescribeAllLogDirs(s.ctx, nil))
		sizes := int64(0)
		for _, dir := range dirs.Sorted() {
			partition, _ := dir.Topics.Lookup(topic, 0)
			sizes += partition.Size
		}
		that(sizes > 0, "no bytes of the topic")
		same(len(must(admin.ListPartitionReassignments(s.ctx, topicSet(topic, 0)))), 0, "reassignments")
		elected := must(admin.ElectLeaders(s.ctx, kadm.ElectPreferredReplica, topicSet(topic, 0)))
		that(errors.Is(elected[topic][0].Err, kerr.ElectionNotNeeded), "ElectLeaders")
	}},
}
