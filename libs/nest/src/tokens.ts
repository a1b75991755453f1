/** Names of what controllers are given. */
export const HEALTH = Symbol('health');
export const METRICS = Symbol('metrics');
export const STATUS = Symbol('status');
export const QUEUES = Symbol('queues');
export const LOGGER = Symbol('logger');
