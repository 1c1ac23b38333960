// The calls that Redpanda Console's screens make, with the client that it uses: franz-go, its admin package where the
// console uses that, single requests where it builds them itself.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	topic = "console.orders"
	group = "console-readers"
)

type console struct {
	bootstrap string
	client    *kgo.Client
	admin     *kadm.Client
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]), kgo.ClientID("redpanda-console"))
	if err != nil {
		fmt.Printf("failed\tRedpanda Console: client\t%v\n", err)
		return
	}
	defer client.Close()
	c := console{bootstrap: os.Args[1], client: client, admin: kadm.NewClient(client)}
	step := func(name string, fill func(context.Context) error) { show(name, func() error { return fill(ctx) }) }
	step("what the broker offers", c.compatibility)
	step("topic creation", c.createTopic)
	step("produced records", func(ctx context.Context) error { return write(ctx, c.bootstrap, topic) })
	members := c.application(ctx)
	step("overview", c.overview)
	step("broker configs", c.brokerConfigs)
	step("topic list with sizes", c.logDirs)
	step("topic configs with documentation", c.topicConfigs)
	step("topic config changed (IncrementalAlterConfigs)", c.incrementalAlterConfigs)
	step("topic configs replaced (AlterConfigs)", c.alterConfigs)
	step("partitions and their offsets", c.offsets)
	step("messages from an offset", c.messages)
	step("message published", c.publish)
	step("groups and members", c.groups)
	step("group lag", c.lag)
	step("reassignments", c.reassignments)
	for _, member := range members {
		member.CloseAllowingRebalance()
	}
	step("group offsets edited", c.editOffsets)
	step("group offsets deleted", c.deleteOffsets)
	step("group deleted", c.deleteGroup)
	step("more partitions", c.morePartitions)
	step("records deleted", c.deleteRecords)
	step("topic deleted", c.deleteTopic)
	step("what is not served is not offered", c.absent)
}
