package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
)

func (c console) groups(ctx context.Context) error {
	listed, err := c.admin.ListGroups(ctx)
	if err != nil {
		return err
	}
	described, err := c.admin.DescribeGroups(ctx, listed.Groups()...)
	if err != nil {
		return err
	}
	one := described[group]
	checks := []error{
		same(listed[group].State, "Stable", "listed state"),
		same(listed[group].ProtocolType, "consumer", "listed type"), one.Err,
		same(one.State, "Stable", "state"), same(one.Protocol, "cooperative-sticky", "protocol"),
		same(one.Coordinator.NodeID, 0, "coordinator"),
		same(len(one.Members), 2, "members"),
	}
	assigned := []int32{}
	for _, member := range one.Members {
		consumer, isConsumer := member.Assigned.AsConsumer()
		if !isConsumer {
			return fmt.Errorf("assignment of %s", member.MemberID)
		}
		for _, part := range consumer.Topics {
			assigned = append(assigned, part.Partitions...)
		}
		checks = append(checks, that(member.ClientHost != "" && member.MemberID != "" && len(member.ClientID) > 10,
			"member", member))
	}
	slices.Sort(assigned)
	return first(append(checks, same(assigned, []int32{0, 1, 2}, "assigned"))...)
}

func (c console) lag(ctx context.Context) error {
	return until(func() error {
		fetched := c.admin.FetchManyOffsets(ctx, group)
		lags, err := c.admin.Lag(ctx, group)
		if err != nil {
			return err
		}
		one := lags[group]
		return first(fetched.Error(), one.Error(), same(len(fetched[group].Fetched[topic]), 3, "partitions"),
			same(one.Lag.Total(), 0, "lag"))
	})
}

func (c console) editOffsets(ctx context.Context) error {
	var offsets kadm.Offsets
	for p := range int32(3) {
		offsets.AddOffset(topic, p, 11, -1)
	}
	if err := until(func() error { return c.admin.CommitAllOffsets(ctx, group, offsets) }); err != nil {
		return err
	}
	fetched, err := c.admin.FetchOffsets(ctx, group)
	return first(err, fetched.Error(), same(fetched[topic][2].At, 11, "offset"),
		same(len(fetched[topic]), 3, "partitions"))
}

func (c console) deleteOffsets(ctx context.Context) error {
	var set kadm.TopicsSet
	set.Add(topic, 0, 1)
	deleted, err := c.admin.DeleteOffsets(ctx, group, set)
	if err != nil {
		return err
	}
	fetched, err := c.admin.FetchOffsets(ctx, group)
	return first(deleted.Error(), err, same(len(fetched[topic]), 1, "offsets left"))
}

func (c console) deleteGroup(ctx context.Context) error {
	deleted, err := c.admin.DeleteGroups(ctx, group)
	if err != nil {
		return err
	}
	listed, err := c.admin.ListGroups(ctx)
	_, isThere := listed[group]
	return first(deleted.Error(), err, that(!isThere, "still listed"))
}
