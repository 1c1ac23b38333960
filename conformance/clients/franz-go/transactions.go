package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func (s *session) transactional(id string, options ...kgo.Opt) *kgo.Client {
	return s.client(append([]kgo.Opt{kgo.TransactionalID(id), kgo.RecordPartitioner(kgo.ManualPartitioner())}, options...)...)
}

func (s *session) inTransaction(client *kgo.Client, topic string, values ...string) {
	ok(client.BeginTransaction())
	for _, value := range values {
		ok(client.ProduceSync(s.ctx, &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr())
	}
}

// The values of the topic: so many, and no more within a moment.
func (s *session) valuesRead(topic string, count int, level kgo.IsolationLevel) []string {
	client := s.client(kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(level), kgo.FetchMaxWait(200*time.Millisecond))
	values := valuesOf(s.consumed(client, count))
	ctx, cancel := context.WithTimeout(s.ctx, 500*time.Millisecond)
	defer cancel()
	return append(values, valuesOf(client.PollFetches(ctx).Records())...)
}

var transactionChecks = []check{
	{"transactions: commit, abort, commit, and one that stays open", func(s *session) {
		topic := s.made(1)
		client := s.transactional(unique("txn"))
		s.inTransaction(client, topic, "a", "b")
		ok(client.EndTransaction(s.ctx, kgo.TryCommit))
		s.inTransaction(client, topic, "c")
		ok(client.EndTransaction(s.ctx, kgo.TryAbort))
		s.inTransaction(client, topic, "d")
		ok(client.EndTransaction(s.ctx, kgo.TryCommit))
		s.inTransaction(client, topic, "e")
		same(s.valuesRead(topic, 3, kgo.ReadCommitted()), []string{"a", "b", "d"}, "read_committed")
		same(s.valuesRead(topic, 5, kgo.ReadUncommitted()), []string{"a", "b", "c", "d", "e"}, "read_uncommitted")
		ok(client.EndTransaction(s.ctx, kgo.TryCommit))
		same(s.valuesRead(topic, 4, kgo.ReadCommitted()), []string{"a", "b", "d", "e"}, "after the last commit")
	}},
	{"transactions: a second producer with the id fences the first", func(s *session) {
		topic, id := s.made(1), unique("txn")
		zombie := s.transactional(id)
		s.inTransaction(zombie, topic, "zombie")
		living := s.transactional(id)
		s.inTransaction(living, topic, "living")
		err := zombie.EndTransaction(s.ctx, kgo.TryCommit)
		isFenced := errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch)
		that(isFenced, fmt.Sprintf("the zombie: %v", err))
		ok(living.EndTransaction(s.ctx, kgo.TryCommit))
		same(s.valuesRead(topic, 1, kgo.ReadCommitted()), []string{"living"}, "read_committed")
	}},
	{"transactions: one that takes too long is aborted", func(s *session) {
		topic := s.made(1)
		client := s.transactional(unique("txn"), kgo.TransactionTimeout(time.Second))
		s.inTransaction(client, topic, "late")
		until("the marker", func() bool {
			return must(s.admin().ListCommittedOffsets(s.ctx, topic))[topic][0].Offset == 2
		})
		that(client.EndTransaction(s.ctx, kgo.TryCommit) != nil, "it was committed")
		s.produced(topic, 0, "next")
		same(s.valuesRead(topic, 1, kgo.ReadCommitted()), []string{"next"}, "read_committed")
	}},
	{"transactions: described and listed, by state, producer and pattern", func(s *session) {
		topic, id := s.made(2), unique("txn")
		client := s.transactional(id, kgo.TransactionTimeout(55*time.Second))
		s.inTransaction(client, topic, "a")
		admin := s.admin()
		described := must(admin.DescribeTransactions(s.ctx, id))[id]
		same([]any{described.State, described.TimeoutMillis, described.Topics}, []any{"Ongoing", int32(55_000), topicSet(topic, 0)}, "described")
		listed := func(producers []int64, states []string, pattern string) []string {
			return must(admin.ListTransactionsByTxPattern(s.ctx, producers, states, pattern)).TransactionalIDs()
		}
		that(slices.Contains(listed(nil, nil, ""), id), "not listed")
		same(listed([]int64{described.ProducerID}, nil, ""), []string{id}, "by producer")
		that(slices.Contains(listed(nil, []string{"Ongoing"}, ""), id), "not listed by its state")
		that(!slices.Contains(listed(nil, []string{"Empty"}, ""), id), "listed by another state")
		same(listed(nil, nil, "^"+id[:10]+".*$"), []string{id}, "by pattern")
		same(listed(nil, nil, "nobody.*"), []string{}, "by another pattern")
		ok(client.EndTransaction(s.ctx, kgo.TryAbort))
		until("CompleteAbort", func() bool {
			return must(admin.DescribeTransactions(s.ctx, id))[id].State == "CompleteAbort"
		})
	}},
	{"transactions: consume, transform, produce, classic group", func(s *session) { s.transform() }},
	{"transactions: consume, transform, produce, group of KIP-848", func(s *session) {
		s.transform(kgo.ServerSideBalancer(), kgo.Balancers(kgo.RangeBalancer()))
	}},
}

// Reads, writes what it made of it and commits both, until it is told to go.
func (s *session) transformer(group, source, sink string, options []kgo.Opt, stop <-chan struct{}) error {
	session, err := kgo.NewGroupTransactSession(append([]kgo.Opt{
		kgo.SeedBrokers(s.bootstrap), kgo.TransactionalID(unique("txn")), kgo.ConsumerGroup(group), kgo.ConsumeTopics(source),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets(), kgo.HeartbeatInterval(300 * time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(200 * time.Millisecond),
		kgo.TransactionTimeout(10 * time.Second), kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}, options...)...)
	if err != nil {
		return err
	}
	defer session.Close()
	for turn := 0; ; turn++ {
		select {
		case <-stop:
			return nil
		default:
		}
		ctx, cancel := context.WithTimeout(s.ctx, time.Second)
		records := session.PollRecords(ctx, 7).Records()
		cancel()
		if len(records) == 0 {
			continue
		}
		if err := session.Begin(); err != nil {
			return err
		}
		for _, record := range records {
			session.Produce(s.ctx, &kgo.Record{Topic: sink, Value: append(record.Value, '!')}, nil)
		}
		// Every fifth is done over again.
		if _, err := session.End(s.ctx, kgo.TransactionEndTry(turn%5 != 4)); err != nil {
			return err
		}
	}
}

// Two workers, one of which goes and another comes while they are at it.
func (s *session) transform(options ...kgo.Opt) {
	source, sink, group := s.made(4), s.made(1), unique("group")
	expected := []string{}
	for partition := range int32(4) {
		values := []string{}
		for i := range 100 {
			values = append(values, fmt.Sprintf("%d-%d", partition, i))
			expected = append(expected, fmt.Sprintf("%d-%d!", partition, i))
		}
		s.produced(source, partition, values...)
	}
	var workers sync.WaitGroup
	failures := make(chan error, 3)
	start := func() chan struct{} {
		stop := make(chan struct{})
		workers.Go(func() {
			if err := s.transformer(group, source, sink, options, stop); err != nil {
				failures <- err
			}
		})
		return stop
	}
	stops := []chan struct{}{start(), start()}
	at := func() (sum int64) {
		// Not to be had before the first member has asked for its group.
		offsets, _ := s.admin().FetchOffsets(s.ctx, group)
		offsets.Each(func(one kadm.OffsetResponse) { sum += max(one.At, 0) })
		return sum
	}
	until("a part of the input", func() bool { return at() > 80 })
	close(stops[0])
	stops = append(stops, start())
	// Offsets count markers of the source too, where there are some; here there are none.
	until("the end of the input", func() bool { return at() == 400 || len(failures) > 0 })
	for _, stop := range stops[1:] {
		close(stop)
	}
	workers.Wait()
	select {
	case err := <-failures:
		panic(err)
	default:
	}
	values := s.valuesRead(sink, 400, kgo.ReadCommitted())
	slices.Sort(values)
	slices.Sort(expected)
	same(values, expected, "output")
}
