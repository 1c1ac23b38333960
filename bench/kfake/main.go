// kfake, the fake cluster that Go programs test against, as a contender of the bench and a target of the conformance suites: one
// broker on the given port, everything in memory. Further arguments are broker configs, as KEY=VALUE.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

func main() {
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	configs := map[string]string{}
	for _, argument := range os.Args[2:] {
		key, value, _ := strings.Cut(argument, "=")
		configs[key] = value
	}
	cluster, err := kfake.NewCluster(
		kfake.Ports(port), kfake.NumBrokers(1), kfake.DefaultNumPartitions(4), kfake.AllowAutoTopicCreation(),
		kfake.GroupMinSessionTimeout(time.Second), kfake.BrokerConfigs(configs),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	<-ended
	cluster.Close()
}
