import { expect } from 'chai';
import { ClusterPeers } from '../../../src/broker/network/cluster-peers.ts';
import { MetadataDelta, MetadataImage, type MetadataRecord } from '../../../src/kraft/metadata/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { Simulation } from '../../../src/runtime/sim/index.ts';

const NOWHERE = { offset: 0, epoch: 0, appendTimeMs: 0, isBatchAligned: true };

function imageWith(port: number): MetadataImage {
  const delta = new MetadataDelta(MetadataImage.empty);
  const record: MetadataRecord = {
    type: 'RegisterBrokerRecord',
    version: 3,
    brokerId: 2,
    isMigratingZkBroker: false,
    incarnationId: 'DDDDDDDDQw2CCCCCCCCCCA',
    brokerEpoch: 5,
    endPoints: [
      { name: 'OUTSIDE', host: 'outside', port: 1, securityProtocol: 0 },
      { name: 'INSIDE', host: 'inside', port, securityProtocol: 0 },
    ],
    features: [],
    rack: null,
    fenced: false,
    inControlledShutdown: false,
    logDirs: [],
    cordonedLogDirs: null,
  };
  delta.replay(record);
  return delta.apply(NOWHERE);
}

describe('ClusterPeers', () => {
  function peersOf(image: () => MetadataImage): ClusterPeers {
    const { runtime } = new Simulation({ seed: 1, nextTurn }).machine('node1');
    const software = { name: 'ottla', version: '1' };
    return new ClusterPeers({ runtime, nodeId: 1, software, image, listenerName: 'INSIDE' });
  }

  it('knows no way to a broker that is not registered', () => {
    const peers = peersOf(() => MetadataImage.empty);
    expect(peers.to(2)).to.equal(undefined);
    expect(peers.open(2, 'fetcher')).to.equal(undefined);
  });

  it('shares one channel to a broker, and makes another one when it has moved', () => {
    let image = imageWith(9093);
    const peers = peersOf(() => image);
    const channel = peers.to(2);
    expect(channel).not.to.equal(undefined);
    expect(peers.to(2)).to.equal(channel);
    expect(peers.open(2, 'fetcher')).not.to.equal(channel);
    image = imageWith(9094);
    expect(peers.to(2)).not.to.equal(channel);
    peers.close();
  });
});
