package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A share group that begins with the oldest records, and keeps what is given out for a second.
func (s *session) shareGroup(configs ...string) string {
	group := unique("share")
	values := append([]string{"share.auto.offset.reset", "earliest", "share.record.lock.duration.ms", "1000"}, configs...)
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeGroupConfig, group
	// The later of two values of a key is the one that counts.
	for i := len(values) - 2; i >= 0; i -= 2 {
		isGiven := slices.ContainsFunc(resource.Configs, func(one kmsg.IncrementalAlterConfigsRequestResourceConfig) bool {
			return one.Name == values[i]
		})
		if isGiven {
			continue
		}
		config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		config.Name, config.Value = values[i], &values[i+1]
		resource.Configs = append(resource.Configs, config)
	}
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	request.Resources = append(request.Resources, resource)
	for _, one := range must(request.RequestWith(s.ctx, s.client())).Resources {
		ok(kerr.ErrorForCode(one.ErrorCode))
	}
	return group
}

func (s *session) sharing(group, topic string, options ...kgo.Opt) *kgo.Client {
	return s.client(append([]kgo.Opt{kgo.ShareGroup(group), kgo.ConsumeTopics(topic), kgo.FetchMaxWait(200 * time.Millisecond)}, options...)...)
}

// Polls until there are so many, and says of each what `status` says.
func (s *session) shared(client *kgo.Client, count int, status func(*kgo.Record) kgo.AckStatus) []*kgo.Record {
	records := []*kgo.Record{}
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	defer cancel()
	for len(records) < count {
		fetches := client.PollRecords(ctx, count-len(records))
		ok(fetches.Err())
		for _, record := range fetches.Records() {
			if status != nil {
				record.Ack(status(record))
			}
			records = append(records, record)
		}
	}
	ok(client.FlushAcks(ctx))
	return records
}

func accepted(*kgo.Record) kgo.AckStatus { return kgo.AckAccept }
func released(*kgo.Record) kgo.AckStatus { return kgo.AckRelease }
func rejected(*kgo.Record) kgo.AckStatus { return kgo.AckReject }

// What nobody is done with yet. The start offset that is told is the one of the last write, which its own records do not move.
func (s *session) left(group, topic string) int64 {
	return must(s.admin().DescribeShareGroupOffsets(s.ctx, group))[group].Offsets[topic][0].Lag
}

func (s *session) nothingLeft(group, topic string) {
	until("nothing to be left", func() bool { return s.left(group, topic) == 0 })
}

var shareChecks = []check{
	{"share: what is accepted is not seen again", func(s *session) {
		topic, group := s.made(1), s.shareGroup()
		s.produced(topic, 0, numbered(20)...)
		first := s.sharing(group, topic)
		same(len(s.shared(first, 20, accepted)), 20, "records")
		first.Close()
		s.produced(topic, 0, "next")
		same(valuesOf(s.shared(s.sharing(group, topic), 1, accepted)), []string{"next"}, "after it")
	}},
	{"share: what is released comes again, to another member too, and is counted", func(s *session) {
		topic, group := s.made(1), s.shareGroup()
		s.produced(topic, 0, numbered(5)...)
		first := s.sharing(group, topic)
		for _, record := range s.shared(first, 5, released) {
			same(record.DeliveryCount(), int32(1), "delivery count")
		}
		first.Close()
		again := s.shared(s.sharing(group, topic), 5, accepted)
		slices.SortFunc(again, func(a, b *kgo.Record) int { return int(a.Offset - b.Offset) })
		same(valuesOf(again), numbered(5), "values")
		for _, record := range again {
			that(record.DeliveryCount() >= 2, fmt.Sprintf("delivery count %d", record.DeliveryCount()))
		}
	}},
	{"share: what is rejected never comes again", func(s *session) {
		topic, group := s.made(1), s.shareGroup()
		s.produced(topic, 0, numbered(6)...)
		first := s.sharing(group, topic)
		s.shared(first, 6, func(record *kgo.Record) kgo.AckStatus {
			if record.Offset%2 == 0 {
				return kgo.AckReject
			}
			return kgo.AckRelease
		})
		first.Close()
		again := valuesOf(s.shared(s.sharing(group, topic), 3, accepted))
		slices.Sort(again)
		same(again, []string{"1", "3", "5"}, "values")
	}},
	{"share: a lock runs out, and the record comes again", func(s *session) {
		topic, group := s.made(1), s.shareGroup()
		s.produced(topic, 0, "held")
		ctx, cancel := context.WithTimeout(s.ctx, limit)
		defer cancel()
		held := s.sharing(group, topic)
		var record *kgo.Record
		for record == nil {
			for _, one := range held.PollRecords(ctx, 1).Records() {
				record = one
			}
		}
		that(time.Until(record.AcquisitionDeadline()) < 1_500*time.Millisecond, "the lock is longer than its group says")
		again := s.shared(s.sharing(group, topic), 1, accepted)
		same(valuesOf(again), []string{"held"}, "values")
		that(again[0].DeliveryCount() >= 2, fmt.Sprintf("delivery count %d", again[0].DeliveryCount()))
	}},
	{"share: a lock that is renewed does not run out", func(s *session) {
		topic, group := s.made(1), s.shareGroup()
		s.produced(topic, 0, "held")
		held, other := s.sharing(group, topic), s.sharing(group, topic)
		ctx, cancel := context.WithTimeout(s.ctx, limit)
		defer cancel()
		var record *kgo.Record
		owner := held
		for record == nil {
			for _, client := range []*kgo.Client{held, other} {
				turn, cancelTurn := context.WithTimeout(ctx, 300*time.Millisecond)
				for _, one := range client.PollRecords(turn, 1).Records() {
					record, owner = one, client
				}
				cancelTurn()
				if record != nil {
					break
				}
			}
		}
		if owner == other {
			other = held
		}
		for range 6 {
			record.Ack(kgo.AckRenew)
			ok(owner.FlushAcks(ctx))
			turn, cancelTurn := context.WithTimeout(ctx, 500*time.Millisecond)
			same(len(other.PollRecords(turn, 1).Records()), 0, "records of the other")
			cancelTurn()
		}
		record.Ack(kgo.AckAccept)
		ok(owner.FlushAcks(ctx))
		s.nothingLeft(group, topic)
	}},
	{"share: after so many deliveries a record is given up", func(s *session) {
		topic, group := s.made(1), s.shareGroup("share.delivery.count.limit", "3")
		s.produced(topic, 0, "poison", "good")
		client := s.sharing(group, topic)
		deliveries := 0
		poisonous := func(record *kgo.Record) kgo.AckStatus {
			if string(record.Value) == "poison" {
				deliveries++
				return kgo.AckRelease
			}
			return kgo.AckAccept
		}
		s.shared(client, 4, poisonous)
		same(deliveries, 3, "deliveries")
		s.nothingLeft(group, topic)
	}},
	{"share: three members share one partition, and every record is done once", func(s *session) {
		topic, group := s.made(1), s.shareGroup("share.record.lock.duration.ms", "15000")
		members := []*kgo.Client{}
		for range 3 {
			members = append(members, s.sharing(group, topic, kgo.ShareMaxRecords(20)))
		}
		go func() {
			for i := range 30 {
				client := s.client(kgo.DefaultProduceTopic(topic))
				for j := range 10 {
					client.Produce(s.ctx, kgo.StringRecord(fmt.Sprint(i*10+j)), nil)
				}
				client.Flush(s.ctx)
				client.Close()
			}
		}()
		seen := map[string]int{}
		until("300 records", func() bool {
			for _, member := range members {
				turn, cancel := context.WithTimeout(s.ctx, 50*time.Millisecond)
				for _, record := range member.PollRecords(turn, 20).Records() {
					seen[string(record.Value)]++
					record.Ack(kgo.AckAccept)
				}
				cancel()
			}
			return len(seen) == 300
		})
		for value, times := range seen {
			same(times, 1, "deliveries of "+value)
		}
	}},
	{"share: members that leave give back what they have", func(s *session) {
		topic, group := s.made(1), s.shareGroup("share.record.lock.duration.ms", "60000")
		s.produced(topic, 0, numbered(10)...)
		first := s.sharing(group, topic)
		ctx, cancel := context.WithTimeout(s.ctx, limit)
		defer cancel()
		taken := 0
		for taken == 0 {
			records := first.PollRecords(ctx, 10).Records()
			taken = len(records)
			first.MarkAcks(kgo.AckRelease, records...)
		}
		first.Close()
		again := valuesOf(s.shared(s.sharing(group, topic), 10, accepted))
		slices.Sort(again)
		same(again, numbered(10), "values")
	}},
	{"share: only committed records of transactions", func(s *session) {
		topic, group := s.made(1), s.shareGroup("share.isolation.level", "read_committed")
		producer := s.transactional(unique("txn"))
		s.inTransaction(producer, topic, "aborted")
		ok(producer.EndTransaction(s.ctx, kgo.TryAbort))
		s.inTransaction(producer, topic, "committed")
		ok(producer.EndTransaction(s.ctx, kgo.TryCommit))
		same(valuesOf(s.shared(s.sharing(group, topic), 1, accepted)), []string{"committed"}, "values")
	}},
	{"share: groups listed, described, moved, their offsets deleted", func(s *session) {
		topic, group := s.made(1), s.shareGroup()
		s.produced(topic, 0, numbered(10)...)
		admin := s.admin()
		client := s.sharing(group, topic)
		s.shared(client, 10, accepted)
		described := must(admin.DescribeShareGroups(s.ctx, group))[group]
		same([]any{described.GroupState, described.Assignor, len(described.Members)}, []any{"Stable", "simple", 1}, "described")
		s.nothingLeft(group, topic)
		client.Close()
		until("an empty group", func() bool {
			return must(admin.DescribeShareGroups(s.ctx, group))[group].GroupState == "Empty"
		})
		back := kadm.Offsets{}
		back.AddOffset(topic, 0, 7, -1)
		ok(must(admin.AlterShareGroupOffsets(s.ctx, group, back))[topic][0])
		same(s.left(group, topic), int64(3), "left after the move")
		again := s.sharing(group, topic)
		values := valuesOf(s.shared(again, 3, accepted))
		slices.Sort(values)
		same(values, []string{"7", "8", "9"}, "values")
		again.Close()
		until("an empty group", func() bool {
			return must(admin.DescribeShareGroups(s.ctx, group))[group].GroupState == "Empty"
		})
		ok(must(admin.DeleteShareGroupOffsets(s.ctx, group, topic))[topic])
		for _, one := range must(admin.DeleteGroups(s.ctx, group)) {
			ok(one.Err)
		}
	}},
}
