/** Tokens: TNEW, TVFY, TCHK, TRPL, TCRN, TDEL (NTF §2.4). */
import { copyBytes, SECOND } from '@polyplex/base';
import { isId, owned } from '@polyplex/store-common';
import type { Device, NewToken, Removed, TokenRecord, Tokens } from '@polyplex/store-contract';
import { answer, guarded, now as readNow, present } from '../engine.ts';
import type { Finish } from '../write-queue.ts';
import { clearVerification, nextCheck, revoke, setCheck } from './due.ts';
import { dueAnswer, FREES, GROWS, idWith, newTokenRow, type TokenEngine, tokenRecordOf, withRelays } from './engine.ts';
import { missToken } from './missing-token.ts';
import { isTokenWith, OpenToken, sameDevice } from './open-token.ts';
import { removeWhole } from './removals.ts';
import { tokensOfDevice } from './tables.ts';
import type { TokenRow } from './value-formats.ts';

const DAY_SECONDS = 86_400;

type Created = Awaited<ReturnType<Tokens['createToken']>>;
type Replaced = Awaited<ReturnType<Tokens['replaceDevice']>>;
type Activated = Awaited<ReturnType<Tokens['activate']>>;
type NewDevice = Pick<TokenRecord, 'device' | 'code'>;

export function createTokens(engine: TokenEngine): Tokens {
  return {
    createToken: (token, now) => guarded(engine, () => create(engine, owned(token), now)),
    findToken: (tokenId) => readNow(engine, () => find(engine, tokenId)),
    findTokenOf: (device, authKey) => readNow(engine, () => findOf(engine, device, authKey)),
    touchToken: (tokenId, day) => guarded(engine, () => touch(engine, copyBytes(tokenId), day)),
    registerAgain: (tokenId, now) => guarded(engine, () => registerAgain(engine, copyBytes(tokenId), now)),
    activate: ({ tokenId, revision }, now) => guarded(engine, () => activate(engine, { tokenId: copyBytes(tokenId), revision }, now)),
    replaceDevice: (tokenId, change, now) => guarded(engine, () => replaceDevice(engine, copyBytes(tokenId), owned(change), now)),
    setCron: (tokenId, minutes, now) => guarded(engine, () => setCron(engine, copyBytes(tokenId), minutes, now)),
    removeToken: (tokenId) => guarded(engine, () => remove(engine, copyBytes(tokenId))),
  };
}

function find(engine: TokenEngine, tokenId: Uint8Array): TokenRecord | null {
  const row = engine.tables.tokens.get(tokenId);
  return row === null ? missToken() : tokenRecordOf(copyBytes(tokenId), row);
}

function findOf(engine: TokenEngine, device: Device, authKey: TokenRecord['authKey']): TokenRecord | null {
  const tokenId = idWith(engine, device, authKey);
  if (tokenId === null) return missToken();
  const row = present(engine.tables.tokens.get(tokenId));
  return isTokenWith(row, { device, authKey }) ? tokenRecordOf(tokenId, row) : null;
}

function create(engine: TokenEngine, token: NewToken, now: number): Promise<Created> {
  const { tokenId } = token;
  const row = newTokenRow(token, Math.floor(now / SECOND / DAY_SECONDS) * DAY_SECONDS);
  return engine.writes.run<Created>(() => {
    const known = idWith(engine, row.device, row.authKey);
    if (known !== null) {
      const found = present(engine.tables.tokens.get(known));
      return answer(isTokenWith(found, row) ? { status: 'exists', token: tokenRecordOf(known, found) } : { status: 'collision' });
    }
    if (!isId(tokenId) || engine.tables.tokens.has(tokenId)) return answer({ status: 'collision' });
    const made = OpenToken.make(engine, tokenId, row);
    made.push.due.verification = now;
    made.save();
    return dueAnswer(engine, { status: 'created', token: made.record });
  }, GROWS);
}

/** One step on a token; `gone` when there is none. */
function onToken<T, G>(engine: TokenEngine, tokenId: Uint8Array, gone: G, work: (token: OpenToken) => Finish<T>): Promise<T | G> {
  return engine.writes.run<T | G>(() => {
    const token = OpenToken.find(engine, tokenId);
    if (token === null) return answer(gone);
    const finish = work(token);
    token.save();
    return finish;
  }, FREES);
}

/** Most commands find the day as it is: then nothing is written. */
function touch(engine: TokenEngine, tokenId: Uint8Array, day: number): Promise<void> {
  const row = engine.tables.tokens.get(tokenId);
  if (row === null || row.usedOn === day) return Promise.resolve();
  return onToken(engine, tokenId, undefined, (token) => {
    token.row = { ...token.row, usedOn: day };
    return answer(undefined);
  });
}

const allowsVerification = ({ status }: TokenRow): boolean => status === 'REGISTERED' || status === 'CONFIRMED' || status === 'ACTIVE';

function registerAgain(engine: TokenEngine, tokenId: Uint8Array, now: number): Promise<TokenRecord | null> {
  return onToken(engine, tokenId, null, (token) => {
    token.push.due.verification ??= now;
    if (!allowsVerification(token.row)) token.change({ status: 'REGISTERED' });
    return dueAnswer(engine, token.record);
  });
}

function activate(engine: TokenEngine, { tokenId, revision }: Pick<TokenRecord, 'tokenId' | 'revision'>, now: number): Promise<Activated> {
  return onToken<Activated, 'stale'>(engine, tokenId, 'stale', (token) => {
    if (token.row.revision !== revision) return answer('stale');
    const removed = removeOthers(engine, token);
    clearVerification(token.push);
    if (token.row.status !== 'ACTIVE') {
      token.change({ status: 'ACTIVE' });
      setCheck(token.push, nextCheck(token.row, now));
    }
    return dueAnswer(engine, removed);
  });
}

/** All other tokens of the same device, with all they have. */
function removeOthers(engine: TokenEngine, { row }: OpenToken): Removed {
  const others = tokensOfDevice(engine.tables, row.device).map((id) => present(OpenToken.find(engine, id)))
    .filter((other) => sameDevice(other.row.device, row.device) && !isTokenWith(other.row, row));
  if (others.length === 0) return { tokens: 0, subscriptions: 0 };
  return withRelays(engine, (relays) => {
    const subscriptions = others.reduce((sum, other) => sum + removeWhole(engine, relays, other), 0);
    return { tokens: others.length, subscriptions };
  });
}

function replaceDevice(engine: TokenEngine, tokenId: Uint8Array, { device, code }: NewDevice, now: number): Promise<Replaced> {
  return onToken<Replaced, 'gone'>(engine, tokenId, 'gone', (token) => {
    if (!sameDevice(token.row.device, device) && idWith(engine, device, token.row.authKey) !== null) return answer('taken');
    token.change({ device, code, status: 'REGISTERED' });
    revoke(token.push);
    setCheck(token.push, null);
    token.push.due.verification = now;
    return dueAnswer(engine, token.record);
  });
}

function setCron(engine: TokenEngine, tokenId: Uint8Array, minutes: number, now: number): Promise<boolean> {
  return onToken(engine, tokenId, false, (token) => {
    if (token.row.cronMinutes === minutes) return answer(true);
    token.change({ cronMinutes: minutes });
    setCheck(token.push, nextCheck(token.row, now));
    return answer(true);
  });
}

function remove(engine: TokenEngine, tokenId: Uint8Array): Promise<Removed | null> {
  return engine.writes.run<Removed | null>(() => {
    const token = OpenToken.find(engine, tokenId);
    if (token === null) return answer(null);
    return answer({ tokens: 1, subscriptions: withRelays(engine, (relays) => removeWhole(engine, relays, token)) });
  }, FREES);
}
