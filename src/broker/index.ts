// The broker as its users see it.
export { type Broker, isKnownConfig, type StartOptions, startBroker, type TopicOption } from './start-broker.ts';
export { type Durability, StartError } from './settings.ts';
