/** When a node should get work, and what its operator hears of certificates beforehand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, HOUR, MINUTE } from '@polyplex/base';
import { type LogFields, type Logger, silentLogger } from '@polyplex/telemetry';
import { createFakeClock, FAKE_START_MS, type FakeClock } from '@polyplex/testing';
import { issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answers, Certificates, diskRoom, Readiness } from '../src/index.ts';

const fine = { failed: 'never said', reasons: () => [] };

describe('readiness', () => {
  it('names everything that is wrong', async () => {
    const broken = answers({ check: () => Promise.reject(new Error('secret details')) }, 'the store does not answer');
    const readiness = new Readiness(() => false, [fine, broken, { failed: '', reasons: () => ['one', 'two'] }]);
    expect(await readiness.notReady()).toEqual(['the store does not answer', 'one', 'two']);
    expect(await new Readiness(() => false, [fine]).notReady()).toEqual([]);
  });

  it('asks nothing while draining', async () => {
    const reasons = vi.fn(() => []);
    expect(await new Readiness(() => true, [{ failed: '', reasons }]).notReady()).toEqual(['draining']);
    expect(reasons).not.toHaveBeenCalled();
  });

  it('asks once for all who want to know at the same time, and again for the next', async () => {
    const reasons = vi.fn(() => Promise.resolve([]));
    const readiness = new Readiness(() => false, [{ failed: '', reasons }]);
    await Promise.all([readiness.notReady(), readiness.notReady()]);
    expect(reasons).toHaveBeenCalledTimes(1);
    await readiness.notReady();
    expect(reasons).toHaveBeenCalledTimes(2);
  });

  it('does not wait for what never answers', async () => {
    vi.useFakeTimers();
    try {
      const readiness = new Readiness(() => false, [answers({ check: () => new Promise(() => undefined) }, 'the store does not answer')]);
      const asked = readiness.notReady();
      await vi.advanceTimersByTimeAsync(5000);
      expect(await asked).toEqual(['the store does not answer']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the disk', () => {
  it('must have the room that the operator wants', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'polyplex-room-'));
    const reasonsWith = (least: number, at = folder) => new Readiness(() => false, [diskRoom(at, { least, setting: 'storage.minRoom' })]).notReady();
    expect(await reasonsWith(1)).toEqual([]);
    expect(await reasonsWith(Number.MAX_SAFE_INTEGER)).toEqual(['the disk has less room than storage.minRoom']);
    rmSync(folder, { recursive: true });
    expect(await reasonsWith(1)).toEqual(['the disk does not answer']);
  });
});

describe('certificates', () => {
  let clock: FakeClock;
  let said: string[];
  let certificates: Certificates;
  const note = (level: string) => (message: string, fields?: LogFields) => void said.push(`${level} ${message.split(':')[0]!} ${JSON.stringify(fields)}`);
  beforeEach(() => {
    clock = createFakeClock();
    said = [];
    const log: Logger = { ...silentLogger, warn: note('warn'), error: note('error') };
    certificates = new Certificates(clock, log);
  });
  afterEach(() => certificates.stop());

  const ca = issueCa({ algorithm: 'ed25519', now: FAKE_START_MS });
  const leafOf = (days: number, now = FAKE_START_MS) => issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519', days, now });
  function show(days: number, { webDays = null, from = FAKE_START_MS }: { readonly webDays?: number | null; readonly from?: number } = {}): void {
    const leaf = leafOf(days, from);
    const { chain } = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key, now: from + MINUTE });
    certificates.show({ identity: chain, web: webDays === null ? null : leafOf(webDays).certificate });
  }

  it('are told of with the time at which they end', () => {
    show(90, { webDays: 40 });
    const [identity, web] = certificates.facts;
    expect([identity?.name, web?.name]).toEqual(['identity', 'web']);
    expect(Math.round((identity!.notAfter - FAKE_START_MS) / DAY)).toBe(90);
    expect(Math.round((web!.notAfter - FAKE_START_MS) / DAY)).toBe(40);
    expect(certificates.check.reasons()).toEqual([]);
    expect(said).toEqual([]);
  });

  it('that end soon are warned of a month, a week and a day before, once each, and when they have ended', () => {
    show(31);
    clock.advance(12 * HOUR);
    expect(said).toEqual([]);
    clock.advance(DAY);
    expect(said).toEqual(['warn a certificate ends soon {"certificate":"identity","days":29}']);
    clock.advance(20 * DAY);
    expect(said).toHaveLength(1);
    clock.advance(9 * DAY);
    expect(said.slice(1)).toEqual([
      'warn a certificate ends soon {"certificate":"identity","days":6}', 'warn a certificate ends soon {"certificate":"identity","days":0}',
    ]);
    clock.advance(2 * DAY);
    expect(said.slice(3)).toEqual(['error a certificate has expired {"certificate":"identity"}']);
    expect(certificates.check.reasons()).toEqual(['the certificate has expired']);
  });

  it('are warned of at once, by the nearest bound alone, where they are shown late; and no more when there is a new one', () => {
    show(3);
    expect(said).toEqual([expect.stringContaining('"days":2')]);
    show(90);
    clock.advance(5 * DAY);
    expect(said).toHaveLength(1);
    expect(certificates.check.reasons()).toEqual([]);
  });

  it('of pages make no node unready, and are warned of a week before', () => {
    show(90, { webDays: 29 });
    expect(said).toEqual([]);
    clock.advance(23 * DAY);
    expect(said).toEqual(['warn a certificate ends soon {"certificate":"web","days":6}']);
    clock.advance(7 * DAY);
    expect(said.at(-1)).toBe('error a certificate has expired {"certificate":"web"}');
    expect(certificates.check.reasons()).toEqual([]);
  });

  it('that are not valid yet make it unready: the clock may be wrong', () => {
    show(90, { from: FAKE_START_MS + 3 * DAY });
    expect(certificates.check.reasons()).toEqual(['the certificate is not valid yet']);
    clock.advance(4 * DAY);
    expect(certificates.check.reasons()).toEqual([]);
  });
});
