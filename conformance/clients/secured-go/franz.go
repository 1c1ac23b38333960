package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

func franz(way Way, value string) int {
	options := []kgo.Opt{
		kgo.SeedBrokers(way.bootstrap),
		kgo.DefaultProduceTopic(topic),
		kgo.RecordDeliveryTimeout(patient),
	}
	if way.tls != nil {
		options = append(options, kgo.DialTLSConfig(way.tls.Clone()))
	}
	if mechanism := franzMechanism(way); mechanism != nil {
		options = append(options, kgo.SASL(mechanism))
	}
	client, err := kgo.NewClient(options...)
	must(err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	if err := client.ProduceSync(ctx, kgo.StringRecord(value)).FirstErr(); err != nil {
		return refusedBy(err)
	}
	group := append(options, kgo.ConsumerGroup(value), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	reader, err := kgo.NewClient(group...)
	must(err)
	defer reader.Close()
	ctx, cancel = context.WithTimeout(context.Background(), limit)
	defer cancel()
	for ctx.Err() == nil {
		fetches := reader.PollFetches(ctx)
		for _, record := range fetches.Records() {
			if string(record.Value) == value {
				return 0
			}
		}
	}
	return 1
}

func franzMechanism(way Way) sasl.Mechanism {
	if way.token != "" {
		return oauth.Auth{Token: way.token}.AsMechanism()
	}
	if way.login == nil {
		return nil
	}
	user, password := way.login.user, way.login.password
	switch way.login.mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism()
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism()
	default:
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism()
	}
}

