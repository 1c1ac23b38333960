package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The requests behind the pages that need no Redpanda and no security.
func offered() []kmsg.Request {
	return []kmsg.Request{
		&kmsg.DescribeConfigsRequest{}, &kmsg.DescribeGroupsRequest{}, &kmsg.ListGroupsRequest{},
		&kmsg.DeleteRecordsRequest{}, &kmsg.OffsetCommitRequest{}, &kmsg.DeleteGroupsRequest{},
		&kmsg.OffsetDeleteRequest{},
		&kmsg.ListPartitionReassignmentsRequest{}, &kmsg.IncrementalAlterConfigsRequest{},
		&kmsg.AlterPartitionAssignmentsRequest{}, &kmsg.DescribeLogDirsRequest{}, &kmsg.CreateTopicsRequest{},
		&kmsg.DeleteTopicsRequest{}, &kmsg.CreatePartitionsRequest{}, &kmsg.AlterConfigsRequest{},
		&kmsg.OffsetFetchRequest{},
		&kmsg.ListOffsetsRequest{}, &kmsg.DescribeClusterRequest{},
	}
}

func (c console) versions(ctx context.Context) (kadm.BrokerApiVersions, error) {
	all, err := c.admin.ApiVersions(ctx)
	if err != nil {
		return kadm.BrokerApiVersions{}, err
	}
	return all[0], all[0].Err
}

func (c console) compatibility(ctx context.Context) error {
	versions, err := c.versions(ctx)
	if err != nil {
		return err
	}
	for _, request := range offered() {
		if _, isThere := versions.KeyMaxVersion(request.Key()); !isThere {
			return fmt.Errorf("no %s", kmsg.NameForKey(request.Key()))
		}
	}
	return nil
}

// A page is left out for what is not advertised; what is advertised has to answer.
func (c console) absent(ctx context.Context) error {
	versions, err := c.versions(ctx)
	if err != nil {
		return err
	}
	quotas := kmsg.NewPtrDescribeClientQuotasRequest()
	users := kmsg.NewPtrDescribeUserSCRAMCredentialsRequest()
	acls := kmsg.NewPtrDescribeACLsRequest()
	acls.ResourceType, acls.ResourcePatternType = kmsg.ACLResourceTypeAny, kmsg.ACLResourcePatternTypeAny
	acls.Operation, acls.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
	for _, request := range []kmsg.Request{quotas, users, acls} {
		_, isAdvertised := versions.KeyMaxVersion(request.Key())
		response, err := c.client.Request(ctx, request)
		name := kmsg.NameForKey(request.Key())
		if isAdvertised != (err == nil) {
			return fmt.Errorf("%s advertised %v, answered %v", name, isAdvertised, err)
		}
		if answer, isACL := response.(*kmsg.DescribeACLsResponse); isACL && err == nil {
			if answer.ErrorCode != kerr.SecurityDisabled.Code && answer.ErrorCode != 0 {
				return kerr.ErrorForCode(answer.ErrorCode)
			}
		}
	}
	return nil
}
