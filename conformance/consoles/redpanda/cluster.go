package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func (c console) overview(ctx context.Context) error {
	metadata, err := c.admin.Metadata(ctx)
	if err != nil {
		return err
	}
	checks := []error{
		same(len(metadata.Brokers), 1, "brokers"), same(metadata.Controller, 0, "controller"),
		same(len(metadata.Cluster), 22, "cluster id"),
		same(fmt.Sprintf("%s:%d", metadata.Brokers[0].Host, metadata.Brokers[0].Port), c.bootstrap, "address"),
		same(metadata.Topics[topic].Err, nil, "error"), same(len(metadata.Topics[topic].Partitions), 3, "partitions"),
		that(metadata.Topics["__consumer_offsets"].IsInternal, "internal topics are marked"),
	}
	metadata.Topics.EachPartition(func(p kadm.PartitionDetail) {
		checks = append(checks, same(p.Err, nil, "error"), same(p.Leader, 0, "leader"),
			that(p.LeaderEpoch >= 0, "epoch", p.LeaderEpoch),
			same(p.Replicas, []int32{0}, "replicas"), same(p.ISR, []int32{0}, "isr"),
			same(len(p.OfflineReplicas), 0, "offline"))
	})
	cluster, err := kmsg.NewPtrDescribeClusterRequest().RequestWith(ctx, c.client)
	return first(append(checks, err, same(len(cluster.Brokers), 1, "brokers of DescribeCluster"))...)
}

func (c console) describeConfigs(ctx context.Context, kind kmsg.ConfigResourceType,
	name string) (map[string]kmsg.DescribeConfigsResponseResourceConfig, error) {
	request := kmsg.NewPtrDescribeConfigsRequest()
	request.IncludeSynonyms, request.IncludeDocumentation = true, true
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kind, name
	request.Resources = append(request.Resources, resource)
	response, err := request.RequestWith(ctx, c.client)
	if err != nil {
		return nil, err
	}
	configs := make(map[string]kmsg.DescribeConfigsResponseResourceConfig)
	for _, config := range response.Resources[0].Configs {
		configs[config.Name] = config
	}
	return configs, kerr.ErrorForCode(response.Resources[0].ErrorCode)
}

func value(config kmsg.DescribeConfigsResponseResourceConfig) string {
	if config.Value == nil {
		return "-"
	}
	return *config.Value
}

func documented(configs map[string]kmsg.DescribeConfigsResponseResourceConfig) error {
	for name, config := range configs {
		if config.Documentation == nil || *config.Documentation == "" {
			return fmt.Errorf("no documentation of %s", name)
		}
		if config.ConfigType == 0 || config.Source == kmsg.ConfigSourceUnknown {
			return fmt.Errorf("no type or source of %s", name)
		}
	}
	return nil
}

func (c console) brokerConfigs(ctx context.Context) error {
	configs, err := c.describeConfigs(ctx, kmsg.ConfigResourceTypeBroker, "0")
	return first(err, that(len(configs) > 200, "configs", len(configs)), documented(configs),
		same(value(configs["num.partitions"]), "4", "num.partitions"),
		same(configs["num.partitions"].Source, kmsg.ConfigSourceStaticBrokerConfig, "source"),
		that(configs["node.id"].ReadOnly, "node.id is read-only"))
}

func (c console) logDirs(ctx context.Context) error {
	all, err := c.admin.DescribeAllLogDirs(ctx, nil)
	if err != nil {
		return err
	}
	for _, directory := range all[0] {
		for p := range int32(3) {
			replica, isThere := directory.Topics.Lookup(topic, p)
			if err := first(directory.Err, that(isThere && replica.Size > 0, "size", p),
				that(!replica.IsFuture, "future", p)); err != nil {
				return err
			}
		}
		if err := that(directory.TotalBytes > 0 && directory.UsableBytes > 0, "bytes of the disk"); err != nil {
			return err
		}
	}
	return same(len(all[0]), 1, "directories")
}

func (c console) reassignments(ctx context.Context) error {
	under, err := c.admin.ListPartitionReassignments(ctx, nil)
	if err != nil {
		return err
	}
	var request kadm.AlterPartitionAssignmentsReq
	request.Assign(topic, 0, []int32{0})
	altered, err := c.admin.AlterPartitionAssignments(ctx, request)
	return first(err, same(len(under), 0, "under way"), altered.Error())
}
