package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A client that polls by itself, and what it owns and has read.
type member struct {
	client *kgo.Client
	cancel context.CancelFunc
	ended  chan struct{}

	mutex    sync.Mutex
	owned    map[int32]bool
	values   []string
	assigned int
}

func (s *session) member(group, topic string, options ...kgo.Opt) *member {
	ctx, cancel := context.WithCancel(s.ctx)
	m := &member{cancel: cancel, ended: make(chan struct{}), owned: map[int32]bool{}}
	taken := func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
		m.change(lost[topic], false)
	}
	given := func(_ context.Context, _ *kgo.Client, added map[string][]int32) {
		m.change(added[topic], true)
	}
	m.client = s.client(append([]kgo.Opt{
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.HeartbeatInterval(300 * time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.OnPartitionsAssigned(given), kgo.OnPartitionsRevoked(taken), kgo.OnPartitionsLost(taken),
	}, options...)...)
	go func() {
		defer close(m.ended)
		for ctx.Err() == nil {
			records := m.client.PollFetches(ctx).Records()
			m.mutex.Lock()
			m.values = append(m.values, valuesOf(records)...)
			m.mutex.Unlock()
		}
	}()
	return m
}

func (m *member) change(partitions []int32, owned bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, partition := range partitions {
		if owned {
			m.owned[partition] = true
		} else {
			delete(m.owned, partition)
		}
	}
	if owned {
		m.assigned += len(partitions)
	}
}

func (m *member) partitions() []int32 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	partitions := []int32{}
	for partition := range m.owned {
		partitions = append(partitions, partition)
	}
	slices.Sort(partitions)
	return partitions
}

func (m *member) read() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return slices.Clone(m.values)
}

func (m *member) leave() {
	m.cancel()
	<-m.ended
	m.client.Close()
}

// Waits until the members share the partitions: each one some, no one the same, none left.
func settled(members []*member, partitions int) [][]int32 {
	var owned [][]int32
	until(fmt.Sprintf("%d partitions shared by %d members", partitions, len(members)), func() bool {
		owned = nil
		all := []int32{}
		for _, m := range members {
			owned = append(owned, m.partitions())
			all = append(all, m.partitions()...)
		}
		slices.Sort(all)
		hasIdle := slices.ContainsFunc(owned, func(one []int32) bool { return len(one) == 0 })
		return !hasIdle && len(all) == partitions && len(slices.Compact(all)) == partitions
	})
	return owned
}

var groupChecks = []check{
	{"group: 2 to 5 members share cooperatively, one leaves, every record reaches one", func(s *session) {
		topic, group := s.made(10), unique("group")
		members := []*member{}
		for range 5 {
			members = append(members, s.member(group, topic))
			settled(members, 10)
		}
		members[0].leave()
		members = members[1:]
		settled(members, 10)
		for partition := range int32(10) {
			s.produced(topic, partition, numbered(10)...)
		}
		until("100 records", func() bool {
			seen := 0
			for _, m := range members {
				seen += len(m.read())
			}
			return seen >= 100
		})
		for _, m := range members {
			same(len(m.read()), 10*len(m.partitions()), "records of a member")
		}
	}},
	{"group: range, and a member without it cannot join", func(s *session) {
		topic, group := s.made(4), unique("group")
		members := []*member{s.member(group, topic, kgo.Balancers(kgo.RangeBalancer()))}
		members = append(members, s.member(group, topic, kgo.Balancers(kgo.RangeBalancer(), kgo.RoundRobinBalancer())))
		settled(members, 4)
		described := must(s.admin().DescribeGroups(s.ctx, group))[group]
		same([]string{described.State, described.Protocol}, []string{"Stable", "range"}, "group")
		other := s.client(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.Balancers(kgo.StickyBalancer()))
		ctx, cancel := context.WithTimeout(s.ctx, limit)
		defer cancel()
		that(other.PollFetches(ctx).Err() != nil, "no error")
		that(ctx.Err() == nil, "no answer")
	}},
	{"group: commit and resume", func(s *session) {
		topic, group := s.made(1), unique("group")
		s.produced(topic, 0, numbered(10)...)
		options := []kgo.Opt{kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())}
		first := s.client(options...)
		ok(first.CommitRecords(s.ctx, s.consumed(first, 4)...))
		first.Close()
		same(offsetsOf(s.consumed(s.client(options...), 6)), []int64{4, 5, 6, 7, 8, 9}, "offsets")
	}},
	{"group: a static member comes back to what it had", func(s *session) {
		topic, group := s.made(6), unique("group")
		stays := s.member(group, topic, kgo.InstanceID("stays"))
		moves := s.member(group, topic, kgo.InstanceID("moves"))
		owned := settled([]*member{stays, moves}, 6)
		assigned := stays.assigned
		moves.leave()
		names := []string{}
		for _, one := range must(s.admin().DescribeGroups(s.ctx, group))[group].Members {
			names = append(names, *one.InstanceID)
		}
		slices.Sort(names)
		same(names, []string{"moves", "stays"}, "members after Close")
		again := s.member(group, topic, kgo.InstanceID("moves"))
		same(settled([]*member{stays, again}, 6), owned, "the same shares")
		same(stays.assigned, assigned, "partitions given to the one that stayed")
	}},
	{"group: a regular expression finds a topic that comes later", func(s *session) {
		prefix := unique("regex")
		admin := s.admin()
		ok(must(admin.CreateTopic(s.ctx, 1, 1, nil, prefix+"-a")).Err)
		s.produced(prefix+"-a", 0, "a")
		client := s.client(kgo.ConsumerGroup(unique("group")), kgo.ConsumeRegex(), kgo.ConsumeTopics("^"+prefix+"-.*"),
			kgo.MetadataMaxAge(time.Second), kgo.MetadataMinAge(100*time.Millisecond),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		same(valuesOf(s.consumed(client, 1)), []string{"a"}, "first topic")
		ok(must(admin.CreateTopic(s.ctx, 1, 1, nil, prefix+"-b")).Err)
		s.produced(prefix+"-b", 0, "b")
		same(valuesOf(s.consumed(client, 1)), []string{"b"}, "second topic")
	}},
	{"consumer: from an offset, from a time, from the end, seek, pause", func(s *session) {
		topic := s.made(1)
		client := s.client(kgo.DefaultProduceTopic(topic))
		for i := range int64(10) {
			when := time.UnixMilli(recent + i*1_000)
			ok(client.ProduceSync(s.ctx, &kgo.Record{Value: []byte("x"), Timestamp: when}).FirstErr())
		}
		from := func(offset kgo.Offset) *kgo.Client {
			return s.client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: offset}}))
		}
		same(offsetsOf(s.consumed(from(kgo.NewOffset().At(7)), 3)), []int64{7, 8, 9}, "from 7")
		later := kgo.NewOffset().AfterMilli(recent + 4_500)
		same(offsetsOf(s.consumed(from(later), 1)), []int64{5}, "by time")
		same(offsetsOf(s.consumed(from(kgo.NewOffset().AtEnd().Relative(-2)), 2)), []int64{8, 9}, "two before the end")
		reader := from(kgo.NewOffset().AtStart())
		s.consumed(reader, 10)
		reader.SetOffsets(map[string]map[int32]kgo.EpochOffset{topic: {0: {Epoch: -1, Offset: 3}}})
		same(offsetsOf(s.consumed(reader, 7))[0], int64(3), "after SetOffsets")
		reader.PauseFetchTopics(topic)
		s.produced(topic, 0, "late")
		ctx, cancel := context.WithTimeout(s.ctx, 500*time.Millisecond)
		defer cancel()
		same(len(reader.PollFetches(ctx).Records()), 0, "while paused")
		reader.ResumeFetchTopics(topic)
		same(offsetsOf(s.consumed(reader, 1)), []int64{10}, "after resume")
	}},
}

func topicSet(topic string, partitions ...int32) kadm.TopicsSet {
	set := kadm.TopicsSet{}
	set.Add(topic, partitions...)
	return set
}
