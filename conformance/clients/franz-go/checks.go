// franz-go, all in Go and with the newest versions of everything: what an application does with it, one check each.
//
//	PROGRAM list                    one line {"check": NAME} for each check
//	PROGRAM run BOOTSTRAP NAME      one line {"check": NAME, "passed": true | false, "detail": TEXT}
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const limit = 25 * time.Second

// When records are said to be made, in milliseconds: a broker deletes what is older than a week.
var recent = time.Now().Add(-time.Minute).UnixMilli()

type check struct {
	name string
	body func(s *session)
}

// What a check gets: clients of its own, closed after it.
type session struct {
	bootstrap string
	ctx       context.Context
	clients   []*kgo.Client
}

func main() {
	all := slices.Concat(producerChecks, groupChecks, adminChecks, transactionChecks, consumerGroupChecks, shareChecks)
	out := json.NewEncoder(os.Stdout)
	if len(os.Args) == 2 && os.Args[1] == "list" {
		for _, one := range all {
			out.Encode(map[string]any{"check": one.name})
		}
		return
	}
	bootstrap, name := os.Args[2], os.Args[3]
	for _, one := range all {
		if one.name != name {
			continue
		}
		if detail := run(bootstrap, one.body); detail != "" {
			out.Encode(map[string]any{"check": name, "passed": false, "detail": detail})
		} else {
			out.Encode(map[string]any{"check": name, "passed": true})
		}
	}
}

// Empty when the check passes; a check fails by panicking.
func run(bootstrap string, body func(s *session)) (detail string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*limit)
	defer cancel()
	s := &session{bootstrap: bootstrap, ctx: ctx}
	defer func() {
		for _, client := range s.clients {
			client.CloseAllowingRebalance()
		}
	}()
	defer func() {
		if failure := recover(); failure != nil {
			detail = fmt.Sprintf("%s: %v", place(), failure)
		}
	}()
	body(s)
	return ""
}

// The line of the check that panics.
func place() string {
	for _, line := range strings.Split(string(debug.Stack()), "\n") {
		if strings.Contains(line, "/franz-go/") && !strings.Contains(line, "/checks.go:") && strings.Contains(line, ".go:") {
			path := strings.Fields(line)[0]
			return path[strings.LastIndex(path, "/")+1:]
		}
	}
	return "?"
}

func same(actual, expected any, what string) {
	if !reflect.DeepEqual(actual, expected) {
		panic(fmt.Sprintf("%s: %v instead of %v", what, actual, expected))
	}
}

func that(fact bool, what string) {
	if !fact {
		panic(what)
	}
}

func ok(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	ok(err)
	return value
}

func until(what string, fact func() bool) {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if fact() {
			return
		}
	}
	panic(fmt.Sprintf("not within %s: %s", limit, what))
}

func unique(prefix string) string {
	bytes := make([]byte, 6)
	rand.Read(bytes)
	return prefix + "-" + hex.EncodeToString(bytes)
}

func (s *session) client(options ...kgo.Opt) *kgo.Client {
	client := must(kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(s.bootstrap)}, options...)...))
	s.clients = append(s.clients, client)
	return client
}

func (s *session) admin() *kadm.Client { return kadm.NewClient(s.client()) }

// A topic of its own for a check.
func (s *session) made(partitions int32) string {
	topic := unique("franz")
	ok(must(s.admin().CreateTopic(s.ctx, partitions, 1, nil, topic)).Err)
	return topic
}

func (s *session) produced(topic string, partition int32, values ...string) {
	client := s.client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	records := make([]*kgo.Record, 0, len(values))
	for _, value := range values {
		records = append(records, &kgo.Record{Topic: topic, Partition: partition, Value: []byte(value)})
	}
	ok(client.ProduceSync(s.ctx, records...).FirstErr())
}

// Polls until there are so many records.
func (s *session) consumed(client *kgo.Client, count int) []*kgo.Record {
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	defer cancel()
	records := []*kgo.Record{}
	for len(records) < count {
		fetches := client.PollRecords(ctx, count-len(records))
		ok(fetches.Err())
		records = append(records, fetches.Records()...)
	}
	return records
}

func (s *session) readAll(topic string, count int) []*kgo.Record {
	return s.consumed(s.client(kgo.ConsumeTopics(topic)), count)
}

func offsetsOf(records []*kgo.Record) []int64 {
	offsets := []int64{}
	for _, record := range records {
		offsets = append(offsets, record.Offset)
	}
	return offsets
}

func valuesOf(records []*kgo.Record) []string {
	values := []string{}
	for _, record := range records {
		values = append(values, string(record.Value))
	}
	return values
}

func numbered(count int) []string {
	values := []string{}
	for i := range count {
		values = append(values, fmt.Sprint(i))
	}
	return values
}
