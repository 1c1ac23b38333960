// The world on a seed: same ports as runtime/node, every run repeatable.
export { SimClock, type SimClockOptions, SimProcessClock, type WallClock } from './clock.ts';
export { type CrashMode, type FailingCall, type PlannedFailure, SimDisk, type SimDiskOptions } from './disk.ts';
export { SimLinks } from './links.ts';
export { SimNetwork, type SimNetworkOptions } from './network.ts';
export { SeededRandom } from './random.ts';
export { simulate, Simulation, SimMachine, type SimulationOptions } from './simulation.ts';
