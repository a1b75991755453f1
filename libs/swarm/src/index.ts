export { SwarmError } from './failure.ts';
export type { OperationName, Operations, Sent, SwarmFailure, SwarmReply, SwarmRequest, WorkerStats } from './protocol.ts';
export { type Profile, PROFILES, type ProfileName, type ScenarioName, shareAt, WEIGHTS } from './profiles.ts';
export { type ParentChannel, runWorker, type WorkerOrder } from './run-worker.ts';
export type { OperationSecond, SecondOf, SeriesReply } from './series.ts';
export { type RunningSwarm, startSwarm, type StartSwarmOptions, SwarmStartError } from './start-swarm.ts';
