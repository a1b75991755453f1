/** The configuration of a stack: examples are right, and what is wrong is said, all of it, with where. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { mebibytes } from '../src/config/fields.ts';
import { checkStack, readStack } from '../src/config/read.ts';
import { sizeFor } from '../src/sizing.ts';
import { example, exampleText, KUBERNETES_EXAMPLES, MACHINE_EXAMPLES } from './support.ts';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return -- wrong on purpose */
type Loose = any;

test.each([...KUBERNETES_EXAMPLES, ...MACHINE_EXAMPLES])('%s is accepted', (name) => {
  expect(example(name).relay.hosts[0]).toBe('smp.example.org');
});

const WRONG: readonly (readonly [where: string, example: string, change: (stack: Loose) => unknown])[] = [
  ['relay.hosts', 'single', (stack) => delete stack.relay.hosts],
  ['relay.hosts.0', 'single', (stack) => (stack.relay.hosts = ['smp example'])],
  ['relay.nodes', 'single', (stack) => (stack.relay.nodes = 3)],
  ['relay.memory', 'single', (stack) => (stack.relay.memory = '2 GB')],
  ['(whole)', 'single', (stack) => (stack.rely = {})],
  ['relay', 'single', (stack) => (stack.relay.node = 1)],
  ['files.nodes', 'single', (stack) => (stack.files.nodes = 2)],
  ['files.port', 'single', (stack) => (stack.files.port = 5223)],
  ['relay.autoscale', 'single', (stack) => (stack.relay.autoscale = { maxNodes: 4 })],
  ['relay.autoscale.maxNodes', 'team', (stack) => (stack.relay.autoscale.maxNodes = 3)],
  ['relay.autoscale.connections', 'team', (stack) => (stack.relay.autoscale.connections = 1000)],
  ['redis.primaries', 'team', (stack) => (stack.redis.primaries = 2)],
  ['redis.replicas', 'team', (stack) => (stack.redis.primaries = 1)],
  ['redis.durability', 'team', (stack) => Object.assign(stack.redis, { replicas: 0, durability: 'replicated' })],
  ['redis.durability', 'team', (stack) => (stack.redis.replicas = 0)],
  ['redis.disk', 'team', (stack) => (stack.redis.disk = '2GiB')],
  ['objectStorage', 'team', (stack) => delete stack.files],
  ['objectStorage.kind', 'team', (stack) => (stack.objectStorage = { kind: 'aws', bucket: 'b' })],
  ['images.polyplex', 'team', (stack) => (stack.images = { polyplex: 'polyplex:latest' })],
  ['dns.kind', 'team', (stack) => (stack.dns = { kind: 'route53', zone: 'example.org' })],
  ['target.kind', 'team', (stack) => (stack.target = { kind: 'moon' })],
  ['target.administrators', 'team-hcloud', (stack) => (stack.target.administrators = ['0.0.0.0/0'])],
  ['target.release.sha256', 'team-hcloud', (stack) => (stack.target.release.sha256 = 'abc')],
  ['relay.autoscale', 'team-hcloud', (stack) => (stack.relay.autoscale = { maxNodes: 9 })],
  ['redis.replicas', 'team-hcloud', (stack) => (stack.redis.replicas = 2)],
  ['dns.kind', 'team-hcloud', (stack) => (stack.dns = { kind: 'external-dns' })],
  ['monitoring.customMetrics', 'team-hcloud', (stack) => (stack.monitoring.customMetrics = true)],
  ['target.image', 'team-aws', (stack) => (stack.target.image = 'debian')],
];

test.each(WRONG)('%s of %s is refused, and named', (where, name, change) => {
  const stack: Loose = parse(exampleText(name));
  change(stack);
  expect(() => checkStack(stack)).toThrow(expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining(`\n  ${where}: `) as string }) as Error);
});

test('all problems are told at once, and what is no YAML is one', () => {
  const stack = { ...(parse(exampleText('team')) as object), relay: { nodes: 0 }, backups: { keep: 'all' } };
  expect(() => checkStack(stack)).toThrow(/relay\.hosts[^]*relay\.nodes[^]*backups\.keep/);
  expect(() => readStack('relay: [')).toThrow(expect.objectContaining({ code: 'CONFIG' }) as Error);
  expect(() => readStack('')).toThrow(expect.objectContaining({ code: 'CONFIG' }) as Error);
});

describe('large', () => {
  const { relay, redis } = example('large');
  const expected = { users: 1_000_000, queuesOfUser: 30, messagesADay: 300, waiting: 0.05, filled: 0.6 };
  const size = sizeFor(expected, { memoryGiB: mebibytes(relay.memory) / 1024, connections: relay.connections });

  test('has what a million users need by the figures of sizing.md, with room', () => {
    expect(size.messagesASecond).toBe(12_500);
    expect(relay.nodes).toBeGreaterThanOrEqual(size.nodes);
    expect(relay.nodes).toBeLessThan(3 * size.nodes);
    expect((redis!.primaries * mebibytes(redis!.memory)) / 1024).toBeGreaterThanOrEqual(size.redisGiB);
    expect(redis!.primaries * redis!.cpu).toBeGreaterThanOrEqual(size.redisCores);
  });

  test('grows with users, messages and what waits', () => {
    const node = { memoryGiB: 4, connections: 40_000 };
    expect(sizeFor({ ...expected, users: 2_000_000 }, node).nodes).toBeGreaterThan(size.nodes);
    expect(sizeFor({ ...expected, messagesADay: 3000 }, node).nodes).toBeGreaterThan(size.nodes);
    expect(sizeFor({ ...expected, waiting: 0.5 }, node).redisGiB).toBeGreaterThan(5 * size.redisGiB);
  });
});
