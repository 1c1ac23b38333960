package main

import (
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func serverSide(balancer kgo.GroupBalancer) []kgo.Opt {
	return []kgo.Opt{kgo.ServerSideBalancer(), kgo.Balancers(balancer)}
}

// The group, when it is stable and as many members have what they are to have.
func (s *session) stable(group string, members int) kadm.DescribedConsumerGroup {
	var described kadm.DescribedConsumerGroup
	until("a stable group", func() bool {
		described = must(s.admin().DescribeConsumerGroups(s.ctx, group))[group]
		return described.State == "Stable" && len(described.Members) == members
	})
	return described
}

func (s *session) comeAndGo(balancer kgo.GroupBalancer, assignor string) {
	topic, group := s.made(10), unique("group")
	members := []*member{}
	for range 4 {
		members = append(members, s.member(group, topic, serverSide(balancer)...))
		settled(members, 10)
	}
	same(s.stable(group, 4).AssignorName, assignor, "assignor")
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
}

var consumerGroupChecks = []check{
	{"KIP-848: uniform, members come and go, every record reaches one", func(s *session) {
		s.comeAndGo(kgo.StickyBalancer(), "uniform")
	}},
	{"KIP-848: range, members come and go, every record reaches one", func(s *session) {
		s.comeAndGo(kgo.RangeBalancer(), "range")
	}},
	{"KIP-848: commit and resume", func(s *session) {
		topic, group := s.made(1), unique("group")
		s.produced(topic, 0, numbered(10)...)
		options := append(serverSide(kgo.RangeBalancer()), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
			kgo.DisableAutoCommit(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		first := s.client(options...)
		ok(first.CommitRecords(s.ctx, s.consumed(first, 4)...))
		first.Close()
		same(offsetsOf(s.consumed(s.client(options...), 6)), []int64{4, 5, 6, 7, 8, 9}, "offsets")
	}},
	{"KIP-848: a static member comes back to what it had", func(s *session) {
		topic, group := s.made(6), unique("group")
		as := func(id string) *member {
			return s.member(group, topic, append(serverSide(kgo.RangeBalancer()), kgo.InstanceID(id))...)
		}
		stays, moves := as("stays"), as("moves")
		owned := settled([]*member{stays, moves}, 6)
		moves.leave()
		again := as("moves")
		same(settled([]*member{stays, again}, 6), owned, "the same shares")
	}},
	{"KIP-848: a regular expression finds a topic that comes later", func(s *session) {
		prefix := unique("regex")
		admin := s.admin()
		ok(must(admin.CreateTopic(s.ctx, 1, 1, nil, prefix+"-a")).Err)
		s.produced(prefix+"-a", 0, "a")
		client := s.client(append(serverSide(kgo.RangeBalancer()), kgo.ConsumerGroup(unique("group")), kgo.ConsumeRegex(),
			kgo.ConsumeTopics("^"+prefix+"-.*"), kgo.MetadataMaxAge(time.Second), kgo.MetadataMinAge(100*time.Millisecond),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
		same(valuesOf(s.consumed(client, 1)), []string{"a"}, "first topic")
		ok(must(admin.CreateTopic(s.ctx, 1, 1, nil, prefix+"-b")).Err)
		s.produced(prefix+"-b", 0, "b")
		same(valuesOf(s.consumed(client, 1)), []string{"b"}, "second topic")
	}},
	{"KIP-848: a topic that grows", func(s *session) {
		topic, group := s.made(2), unique("group")
		m := s.member(group, topic, serverSide(kgo.RangeBalancer())...)
		settled([]*member{m}, 2)
		for _, grown := range must(s.admin().CreatePartitions(s.ctx, 3, topic)) {
			ok(grown.Err)
		}
		settled([]*member{m}, 5)
	}},
	{"KIP-848: a group changes its protocol member by member, and back", func(s *session) {
		topic, group := s.made(6), unique("group")
		classic := func() *member { return s.member(group, topic, kgo.Balancers(kgo.RangeBalancer())) }
		modern := func() *member { return s.member(group, topic, serverSide(kgo.RangeBalancer())...) }
		members := []*member{classic(), classic()}
		settled(members, 6)
		for _, next := range []func() *member{modern, modern, classic, classic} {
			members[0].leave()
			members = append(members[1:], next())
			settled(members, 6)
		}
	}},
}
