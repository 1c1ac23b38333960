// The topic in which a cluster keeps its metadata (KIP-595): its name is nobody else's, its id the same in every cluster.
export const METADATA_TOPIC = '__cluster_metadata';
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
