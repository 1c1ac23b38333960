// A metadata image made from records, and what handlers need to tell of it.
import type { BrokerIdentity } from '../../src/api-handlers/index.ts';
import {
  deltaFromNothing,
  MetadataDelta,
  MetadataImage,
  type MetadataRecord,
  SUPPORTED_FEATURES,
} from '../../src/kraft/metadata/index.ts';
import { ZERO_UUID } from '../../src/protocol/index.ts';

export const NODE_ID = 1;

export class MetadataBench {
  image = MetadataImage.empty;
  readonly identity: BrokerIdentity = {
    brokerId: NODE_ID,
    clusterId: '4L6g3nShT-eMCtK--X86sw',
    advertisedFor: ({ session }) => ({ host: session.localAddress, port: session.localPort }),
    image: () => this.image,
  };

  constructor() {
    this.replay([{ type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: 30 }]);
    this.addBroker(NODE_ID);
  }

  replay(records: readonly MetadataRecord[]): MetadataDelta {
    const delta = this.image.offset === -1 ? deltaFromNothing(this.image) : new MetadataDelta(this.image);
    for (const record of records) delta.replay(record);
    this.image = delta.apply({
      offset: this.image.offset + records.length,
      epoch: 1,
      appendTimeMs: 0,
      isBatchAligned: true,
    });
    return delta;
  }

  addBroker(
    brokerId: number,
    options: { listener?: string; isFenced?: boolean; rack?: string; features?: boolean } = {},
  ): void {
    const { listener = 'PLAINTEXT', isFenced = false, rack = null } = options;
    this.replay([
      {
        type: 'RegisterBrokerRecord',
        version: 4,
        brokerId,
        isMigratingZkBroker: false,
        incarnationId: ZERO_UUID,
        brokerEpoch: 1,
        endPoints: [{ name: listener, host: `host${brokerId}`, port: 9092, securityProtocol: 0 }],
        features: options.features === true ? [...SUPPORTED_FEATURES] : [],
        rack,
        fenced: isFenced,
        inControlledShutdown: false,
        logDirs: [],
        cordonedLogDirs: null,
      },
    ]);
  }

  /** What the last `createTopic` changed. */
  createdTopic = deltaFromNothing(MetadataImage.empty);

  /** The new topic's id. */
  createTopic(name: string, partitions = 1, replicas: number[] = [NODE_ID], leader = replicas[0] ?? -1): string {
    const topicId = Buffer.from(name.padEnd(16, '*').slice(0, 16)).toString('base64url');
    const records: MetadataRecord[] = [{ type: 'TopicRecord', version: 0, name, topicId }];
    for (let partitionId = 0; partitionId < partitions; partitionId++) {
      records.push({
        type: 'PartitionRecord',
        version: 2,
        partitionId,
        topicId,
        replicas,
        isr: replicas,
        removingReplicas: [],
        addingReplicas: [],
        leader,
        leaderRecoveryState: 0,
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: replicas.map(() => ZERO_UUID),
        eligibleLeaderReplicas: null,
        lastKnownElr: null,
      });
    }
    this.createdTopic = this.replay(records);
    return topicId;
  }

  setConfig(resourceType: number, resourceName: string, name: string, value: string | null): MetadataDelta {
    return this.replay([{ type: 'ConfigRecord', version: 0, resourceType, resourceName, name, value }]);
  }
}
