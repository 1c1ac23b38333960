package main

import (
	"context"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

func segmentio(way Way, value string) int {
	mechanism, err := segmentioMechanism(way)
	must(err)
	writer := &kafka.Writer{
		Addr:         kafka.TCP(way.bootstrap),
		Topic:        topic,
		MaxAttempts:  1,
		BatchTimeout: 10 * time.Millisecond,
		RequiredAcks: kafka.RequireAll,
		Transport:    &kafka.Transport{TLS: way.tls, SASL: mechanism},
	}
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	if err := writer.WriteMessages(ctx, kafka.Message{Value: []byte(value)}); err != nil {
		return refusedBy(err)
	}
	must(writer.Close())
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers:     []string{way.bootstrap},
		GroupID:     value,
		Topic:       topic,
		StartOffset: kafka.FirstOffset,
		MaxWait:     500 * time.Millisecond,
		Dialer:      &kafka.Dialer{Timeout: patient, TLS: way.tls, SASLMechanism: mechanism},
	})
	defer reader.Close()
	ctx, cancel = context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		message, err := reader.ReadMessage(ctx)
		must(err)
		if string(message.Value) == value {
			return 0
		}
	}
}

// It has no OAUTHBEARER of its own.
func segmentioMechanism(way Way) (sasl.Mechanism, error) {
	if way.login == nil {
		return nil, nil
	}
	user, password := way.login.user, way.login.password
	switch way.login.mechanism {
	case "PLAIN":
		return plain.Mechanism{Username: user, Password: password}, nil
	case "SCRAM-SHA-256":
		return scram.Mechanism(scram.SHA256, user, password)
	default:
		return scram.Mechanism(scram.SHA512, user, password)
	}
}
