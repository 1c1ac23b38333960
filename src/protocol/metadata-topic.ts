// The topic in which a cluster keeps its metadata (KIP-595): its name is nobody else's, its id the same in every cluster.
export const METADATA_TOPIC = '__cluster_metadata';
/** The directory of its only partition. */
export const METADATA_DIRECTORY_NAME = `${METADATA_TOPIC}-0`;
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
