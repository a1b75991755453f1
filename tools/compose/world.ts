/** All services of a compose file as containers on one bridge, in the order of what they depend on. */
import { execFile } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ComposeFile, ComposeService } from './compose-file.ts';
import { BRIDGE, Container, type Ended } from './container.ts';
import type { ContainerSpec } from './container-script.ts';
import { type Image, imageOf } from './images.ts';

const run = promisify(execFile);
const HEALTH_EVERY_MS = 500;
const HEALTHY_WITHIN_MS = 120_000;
const RESTART_AFTER_MS = 500;
const STOP_GRACE_MS = 60_000;

export class World {
  private readonly file: ComposeFile;
  private readonly folder: string;
  private readonly containers = new Map<string, Container>();
  private readonly addresses: ReadonlyMap<string, string | null>;
  private readonly stopping = new Set<string>();
  private readonly starting = new Map<string, Promise<void>>();

  /** `folder` holds volumes, roots and logs. */
  constructor(file: ComposeFile, folder: string) {
    this.file = file;
    this.folder = folder;
    this.addresses = addressesOf(file);
    for (const name of ['volumes', 'roots', 'logs']) mkdirSync(join(folder, name), { recursive: true });
  }

  /** Makes the bridge in the network namespace of this process, and starts all services; resolves when they are healthy. */
  async up(): Promise<void> {
    const gateway = [...this.addresses.values()].find((address) => address !== null)!.replace(/\d+$/, '1');
    await run('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
    await run('ip', ['address', 'add', `${gateway}/24`, 'dev', BRIDGE]);
    await run('ip', ['link', 'set', BRIDGE, 'up']);
    await run('ip', ['link', 'set', 'lo', 'up']);
    await Promise.all(Object.keys(this.file.services).map((name) => this.ensure(name)));
    await Promise.all([...this.containers.keys()].filter((name) => !this.isJob(name)).map((name) => this.healthy(name)));
  }

  /** Resolves when it is healthy again; answers how it ended. */
  async restart(name: string): Promise<Ended> {
    this.stopping.add(name);
    const ended = await this.of(name).stop(STOP_GRACE_MS);
    this.stopping.delete(name);
    await this.launch(name);
    await this.healthy(name);
    return ended;
  }

  /** What it prints inside; rejects when it fails. */
  prints(name: string, argv: readonly string[]): Promise<string> {
    return this.of(name).prints(argv);
  }

  /** First those that nobody needs. */
  async down(): Promise<void> {
    for (const left = new Set(this.containers.keys()); left.size > 0;) {
      const needed = new Set([...left].flatMap((name) => Object.keys(this.file.services[name]!.depends_on ?? {})));
      const next = [...left].filter((name) => !needed.has(name));
      for (const name of next) this.stopping.add(name);
      await Promise.all(next.map((name) => this.of(name).stop(STOP_GRACE_MS)));
      for (const name of next) left.delete(name);
    }
  }

  private of(name: string): Container {
    const container = this.containers.get(name);
    if (container === undefined) throw new Error(`there is no service ${name}`);
    return container;
  }

  private isJob(name: string): boolean {
    return Object.values(this.file.services).some((service) => service.depends_on?.[name]?.condition === 'service_completed_successfully');
  }

  private ensure(name: string): Promise<void> {
    let started = this.starting.get(name);
    if (started === undefined) this.starting.set(name, (started = this.begin(name)));
    return started;
  }

  private async begin(name: string): Promise<void> {
    await Promise.all(Object.entries(this.file.services[name]!.depends_on ?? {}).map(async ([other, { condition }]) => {
      await this.ensure(other);
      if (condition === 'service_healthy') await this.healthy(other);
      if (condition === 'service_completed_successfully') await this.completed(other);
    }));
    await this.launch(name);
  }

  private async launch(name: string): Promise<void> {
    const service = this.file.services[name]!;
    const where = { address: this.addresses.get(name)!, logFile: join(this.folder, 'logs', `${name}.log`) };
    const container = await Container.start(this.specOf(name, service), where);
    this.containers.set(name, container);
    if (service.restart === 'unless-stopped') container.ended().then(() => this.again(name)).catch((error: unknown) => console.error(error));
  }

  /** What ended by itself is started again, as an engine does. Whether it did is known at its end alone: what was stopped may run again. */
  private async again(name: string): Promise<void> {
    if (this.stopping.has(name)) return;
    await new Promise((resolve) => setTimeout(resolve, RESTART_AFTER_MS));
    if (!this.stopping.has(name)) await this.launch(name);
  }

  private async completed(name: string): Promise<void> {
    const { code } = await this.of(name).ended();
    if (code !== 0) throw new Error(`${name} ended with status ${String(code)}: see ${this.folder}/logs/${name}.log`);
  }

  private async healthy(name: string): Promise<void> {
    const { healthcheck, image } = this.file.services[name]!;
    const check = healthcheck === undefined ? imageOf(image).health : argvOfCheck(healthcheck.test);
    for (const until = Date.now() + HEALTHY_WITHIN_MS; check !== null && !(await this.of(name).succeeds(check));) {
      if (Date.now() > until) throw new Error(`${name} is not healthy: see ${this.folder}/logs/${name}.log`);
      await new Promise((resolve) => setTimeout(resolve, HEALTH_EVERY_MS));
    }
  }

  private specOf(name: string, service: ComposeService): ContainerSpec {
    const image = imageOf(service.image);
    return {
      folder: join(this.folder, 'roots', name),
      image,
      argv: service.entrypoint === null ? [...image.entrypoint, ...(service.command ?? image.command)] : [...service.entrypoint, ...(service.command ?? [])],
      environment: { ...image.environment, ...service.environment },
      mounts: [...this.mountsOf(service, image), ...(service.secrets ?? []).map(({ source }) => ({ source: this.file.secrets![source]!.file, target: `/run/secrets/${source}`, readOnly: true }))],
      hosts: this.hosts(),
      readOnly: service.read_only === true,
      dropsCapabilities: service.cap_drop?.includes('ALL') === true,
      files: service.ulimits?.nofile ?? null,
    };
  }

  /** Those of the service, and of the image what no volume lies over. */
  private mountsOf(service: ComposeService, { user, files }: Image): ContainerSpec['mounts'] {
    const given = (service.volumes ?? []).map(({ type, source, target, read_only: readOnly = false }) => ({ source: type === 'volume' ? this.volume(source, user) : source, target, readOnly }));
    const own = files.length === 0 ? [] : ['/config', '/data'].filter((target) => !given.some((mount) => mount.target === target));
    return [...given, ...own.map((target) => ({ source: this.volume(`unnamed${target.replace('/', '-')}`, user), target, readOnly: false }))];
  }

  /** A new volume takes over the owner of what it lies over. */
  private volume(name: string, user: number): string {
    const place = join(this.folder, 'volumes', name);
    mkdirSync(place, { recursive: true, mode: 0o700 });
    chownSync(place, user, user);
    return place;
  }

  private hosts(): string {
    return ['127.0.0.1 localhost', ...[...this.addresses].flatMap(([name, address]) => (address === null ? [] : [`${address} ${name}`])), ''].join('\n');
  }
}

/** That the file gives it; null for none. */
export function addressOf({ networks }: ComposeService): string | null {
  return Object.values(networks ?? {}).find((network) => network?.ipv4_address !== undefined)?.ipv4_address ?? null;
}

/** Others on a network with fixed addresses get one from its end; who is on the default network alone needs none here. */
function addressesOf({ services }: ComposeFile): ReadonlyMap<string, string | null> {
  const base = Object.values(services).map((service) => addressOf(service)).find((address) => address !== null)!.replace(/\d+$/, '');
  let last = 254;
  return new Map(Object.entries(services).map(([name, service]) => [
    name, addressOf(service) ?? (Object.keys(service.networks ?? {}).some((network) => network !== 'default') ? `${base}${String(last--)}` : null),
  ]));
}

function argvOfCheck([kind, ...words]: readonly string[]): readonly string[] {
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', words[0]!] : words;
}
