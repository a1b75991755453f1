/** One line for each way in which a command, its credentials or a reply can be malformed (SMP §1.1, §4.5, §5, §8.2). */
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '@polyplex/base';
import { encodePublicKey, generateKeyPair, type KeyKind } from '@polyplex/crypto';
import { checkCredentials, readCommand, readReply, type SmpCommandTag, smpCommands } from '../src/index.ts';

const LATEST = 18;

type Part = string | readonly number[] | Uint8Array;
const bytes = (...parts: readonly Part[]): Uint8Array => concatBytes(...parts.map((part) => (typeof part === 'string' ? utf8(part) : Uint8Array.from(part))));
const short = (value: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(value.length), value);
const spki = (kind: KeyKind): Uint8Array => encodePublicKey(generateKeyPair(kind).publicKey);

const ed = short(spki('ed25519'));
const x25519 = short(spki('x25519'));
const x448 = short(spki('x448'));
const id = short(new Uint8Array(24).fill(1));
const damagedKey = short(spki('ed25519').fill(0x31, 0, 1));
const address = bytes([1], short(utf8('host')), short(utf8('5223')), short(new Uint8Array(32)));
const newKeys = bytes('NEW ', ed, x25519);

const commands: readonly (readonly [string, Uint8Array, 'UNKNOWN' | 'SYNTAX', number?])[] = [
  ['nothing at all', bytes(), 'UNKNOWN'],
  ['only a space', bytes(' '), 'UNKNOWN'],
  ['an unknown tag', bytes('XYZ'), 'UNKNOWN'],
  ['an unknown tag with parameters', bytes('XYZ 1'), 'UNKNOWN'],
  ['a tag in small letters', bytes('sub'), 'UNKNOWN'],
  ['a tag that goes on', bytes('SUBX'), 'UNKNOWN'],
  ['a long tag', bytes('SUBSCRIBE'), 'UNKNOWN'],
  ['a name every object has', bytes('constructor'), 'UNKNOWN'],
  ['a short name every object has', bytes('__pro'), 'UNKNOWN'],
  ['a response', bytes('OK'), 'UNKNOWN'],
  ['an event', bytes('MSG ', id, 'x'), 'UNKNOWN'],
  ['a tag cut short', bytes('SU'), 'UNKNOWN'],
  ['bytes that are no text', bytes([0xff, 0xfe]), 'UNKNOWN'],
  ['SUB and a space', bytes('SUB '), 'SYNTAX'],
  ['SUB and a parameter', bytes('SUB ', id), 'SYNTAX'],
  ['PING and a space', bytes('PING '), 'SYNTAX'],
  ['a tab instead of the space', bytes('ACK\t', id), 'UNKNOWN'],
  ['ACK without parameters', bytes('ACK'), 'SYNTAX'],
  ['ACK with an empty parameter list', bytes('ACK '), 'SYNTAX'],
  ['ACK with two spaces', bytes('ACK  ', id), 'SYNTAX'],
  ['ACK of an id cut short', bytes('ACK ', id.subarray(0, 20)), 'SYNTAX'],
  ['ACK and trailing bytes', bytes('ACK ', id, 'x'), 'SYNTAX'],
  ['KEY without a key', bytes('KEY '), 'SYNTAX'],
  ['KEY with X448', bytes('KEY ', x448), 'SYNTAX'],
  ['KEY with damaged DER', bytes('KEY ', damagedKey), 'SYNTAX'],
  ['KEY with a key cut short', bytes('KEY ', ed.subarray(0, 40)), 'SYNTAX'],
  ['KEY with a wrong length byte', bytes('KEY ', [43], ed.subarray(1)), 'SYNTAX'],
  ['KEY with raw key bytes', bytes('KEY ', short(new Uint8Array(32))), 'SYNTAX'],
  ['KEY and trailing bytes', bytes('KEY ', ed, [0]), 'SYNTAX'],
  ['RKEY with no keys', bytes('RKEY ', [0]), 'SYNTAX'],
  ['RKEY with fewer keys than said', bytes('RKEY ', [2], ed), 'SYNTAX'],
  ['RKEY with more keys than said', bytes('RKEY ', [1], ed, ed), 'SYNTAX'],
  ['NKEY with an Ed25519 key for agreement', bytes('NKEY ', ed, ed), 'SYNTAX'],
  ['NKEY with one key', bytes('NKEY ', ed), 'SYNTAX'],
  ['LSET without data', bytes('LSET ', id), 'SYNTAX'],
  ['LSET with data cut short', bytes('LSET ', id, [0, 5], 'abc', [0, 0]), 'SYNTAX'],
  ['LSET and trailing bytes', bytes('LSET ', id, [0, 0, 0, 0], 'x'), 'SYNTAX'],
  ['SEND without flags', bytes('SEND '), 'SYNTAX'],
  ['SEND with a flag that is none', bytes('SEND X body'), 'SYNTAX'],
  ['SEND without a body separator', bytes('SEND T'), 'SYNTAX'],
  ['SEND with reserved flags and no space', bytes('SEND Tabc'), 'SYNTAX'],
  ['NEW without a subscription mode', bytes(newKeys, '0'), 'SYNTAX'],
  ['NEW with an unknown subscription mode', bytes(newKeys, '0X00'), 'SYNTAX'],
  ['NEW with a maybe that is neither', bytes(newKeys, '2S00'), 'SYNTAX'],
  ['NEW with an empty password', bytes(newKeys, '1', [0], 'S00'), 'SYNTAX'],
  ['NEW with a password that holds @', bytes(newKeys, '1', short(utf8('a@b')), 'S00'), 'SYNTAX'],
  ['NEW with a password that holds a space', bytes(newKeys, '1', short(utf8('a b')), 'S00'), 'SYNTAX'],
  ['NEW with an unknown queue mode', bytes(newKeys, '0S1X00'), 'SYNTAX'],
  ['NEW with link data cut short', bytes(newKeys, '0S1M1', id, [0, 9]), 'SYNTAX'],
  ['NEW with X448 for the recipient', bytes('NEW ', x448, x25519, '0S00'), 'SYNTAX'],
  ['NEW with Ed25519 for agreement', bytes('NEW ', ed, ed, '0S00'), 'SYNTAX'],
  ['NEW of version 16 said in 17', bytes(newKeys, '0S0'), 'SYNTAX'],
  ['NEW of version 17 said in 16', bytes(newKeys, '0S00'), 'SYNTAX', 16],
  ['NEW of version 15 said in 9', bytes(newKeys, '0S1M0'), 'SYNTAX', 9],
  ['NEW of version 9 said in 8', bytes(newKeys, '0ST'), 'SYNTAX', 8],
  ['NEW of version 8 said in 9', bytes(newKeys, 'S'), 'SYNTAX', 9],
  ['NEW of version 6 with an empty password', bytes(newKeys, 'A', [0], 'S'), 'SYNTAX', 6],
  ['PRXY without hosts', bytes('PRXY ', [0], address.subarray(1), '0'), 'SYNTAX'],
  ['PRXY with a host that holds a space', bytes('PRXY ', [1], short(utf8('a b')), address.subarray(6), '0'), 'SYNTAX'],
  ['PRXY with an empty host', bytes('PRXY ', [1, 0], address.subarray(6), '0'), 'SYNTAX'],
  ['PRXY with a port that is no number', bytes('PRXY ', [1], short(utf8('host')), short(utf8('52a')), short(new Uint8Array(32)), '0'), 'SYNTAX'],
  ['PRXY without the password tag', bytes('PRXY ', address), 'SYNTAX'],
  ['PFWD without a key', bytes('PFWD ', [0, 17]), 'SYNTAX'],
  ['PFWD with an Ed25519 key', bytes('PFWD ', [0, 17], ed, 'x'), 'SYNTAX'],
  ['RFWD without its space', bytes('RFWD'), 'SYNTAX'],
];

describe('commands', () => {
  it.each(commands.map(([name, input, error, version = LATEST]) => ({ name, input, error, version })))('$name', ({ input, error, version }) => {
    expect(readCommand(input, version)).toBe(error);
  });

  it.each([
    ['SEND with an empty body', bytes('SEND F '), { tag: 'SEND', notify: false, body: bytes() }],
    ['SEND with reserved flags', bytes('SEND Tabc x y'), { tag: 'SEND', notify: true, body: bytes('x y') }],
    ['SEND with a space for a body', bytes('SEND T  '), { tag: 'SEND', notify: true, body: bytes(' ') }],
    ['ACK of an empty id', bytes('ACK ', [0]), { tag: 'ACK', msgId: bytes() }],
    ['RFWD with nothing inside', bytes('RFWD '), { tag: 'RFWD', encFwdTransmission: bytes() }],
  ])('%s is well-formed', (_, input, command) => {
    expect(readCommand(input, LATEST)).toEqual(command);
  });

  it('tags are recognised in every version', () => {
    for (const [name, input] of [['SKEY', bytes('SKEY ', ed)], ['LDEL', bytes('LDEL')], ['NSUBS', bytes('NSUBS')], ['PFWD', bytes('PFWD ', [0, 8], x25519)]] as const) {
      expect(readCommand(input, 6)).toMatchObject({ tag: name });
    }
  });
});

describe('credentials', () => {
  // [auth, entity] as: none, auth only, entity only, both (SMP §4.5)
  const required = ['NO_AUTH', 'NO_AUTH', 'NO_AUTH', null] as const;
  const rules: Readonly<Record<SmpCommandTag, readonly (string | null)[]>> = {
    NEW: ['NO_AUTH', null, 'NO_AUTH', 'HAS_AUTH'],
    SUB: required, SUBS: required, KEY: required, RKEY: required, LSET: required, LDEL: required, NKEY: required, NDEL: required, GET: required,
    ACK: required, OFF: required, DEL: required, QUE: required, SKEY: required, LKEY: required, NSUB: required, NSUBS: required,
    SEND: ['NO_ENTITY', 'NO_ENTITY', null, null],
    LGET: ['NO_ENTITY', 'NO_ENTITY', null, 'HAS_AUTH'],
    PFWD: ['NO_ENTITY', 'NO_ENTITY', null, 'HAS_AUTH'],
    PRXY: [null, 'HAS_AUTH', 'HAS_AUTH', 'HAS_AUTH'],
    RFWD: [null, 'HAS_AUTH', 'HAS_AUTH', 'HAS_AUTH'],
    PING: [null, 'HAS_AUTH', 'HAS_AUTH', 'HAS_AUTH'],
  };

  it.each(Object.entries(rules) as [SmpCommandTag, readonly (string | null)[]][])('%s', (tag, expected) => {
    const found = [[false, false], [true, false], [false, true], [true, true]].map(([auth, entity]) => checkCredentials(tag, auth!, entity!));
    expect(found).toEqual(expected);
  });

  it('there is a rule for every command', () => {
    expect(Object.keys(rules).sort()).toEqual(Object.keys(smpCommands).sort());
  });
});

describe('replies that cannot be read', () => {
  it.each([
    ['nothing', bytes()],
    ['an unknown tag', bytes('OKAY')],
    ['a command', bytes('SUB')],
    ['a name every object has', bytes('toString')],
    ['OK and a space', bytes('OK ')],
    ['PONG and a parameter', bytes('PONG x')],
    ['IDS cut short', bytes('IDS ', id)],
    ['IDS with an Ed25519 key', bytes('IDS ', id, id, ed, '0000')],
    ['IDS with an unknown mode', bytes('IDS ', id, id, x25519, '1X000')],
    ['SOK without its maybe', bytes('SOK ')],
    ['SOKS with four bytes', bytes('SOKS ', [0, 0, 0, 1])],
    ['SOKS beyond what a number holds', bytes('SOKS ', [0x7f, 0, 0, 0, 0, 0, 0, 0])],
    ['MSG without an id', bytes('MSG ')],
    ['NMSG with a short nonce', bytes('NMSG ', new Uint8Array(20))],
    ['NMSG and trailing bytes', bytes('NMSG ', new Uint8Array(24), [0], 'x')],
    ['PKEY with an empty range', bytes('PKEY ', id, [0, 9, 0, 8])],
    ['PKEY without certificates', bytes('PKEY ', id, [0, 8, 0, 9], [0])],
    ['PKEY with a signed key that is none', bytes('PKEY ', id, [0, 8, 0, 9], [1, 0, 1, 7], [0, 1, 7])],
    ['ERR and nothing', bytes('ERR ')],
    ['ERR and an unknown word', bytes('ERR WHAT')],
    ['ERR with a trailing space', bytes('ERR AUTH ')],
    ['ERR CMD alone', bytes('ERR CMD')],
    ['ERR CMD with an unknown word', bytes('ERR CMD WHAT')],
    ['ERR BLOCKED without a reason', bytes('ERR BLOCKED ')],
    ['ERR BLOCKED with an unknown reason', bytes('ERR BLOCKED reason=other')],
    ['ERR BLOCKED with a notice that is no JSON', bytes('ERR BLOCKED reason=spam,notice={')],
    ['ERR BLOCKED with a list for a notice', bytes('ERR BLOCKED reason=spam,notice=[1]')],
    ['ERR BLOCKED with a ttl that is no number', bytes('ERR BLOCKED reason=spam,notice={"ttl":"1"}')],
    ['ERR PROXY alone', bytes('ERR PROXY ')],
    ['ERR PROXY BROKER with an unknown word', bytes('ERR PROXY BROKER WHAT')],
    ['ERR PROXY BROKER TRANSPORT with an unknown word', bytes('ERR PROXY BROKER TRANSPORT HANDSHAKE WHAT')],
    ['ERR PROXY BROKER RESPONSE with text cut short', bytes('ERR PROXY BROKER RESPONSE ', [9], 'abc')],
    ['errors nested without end', bytes('ERR ', 'PROXY PROTOCOL '.repeat(900), 'AUTH')],
  ])('%s', (_, input) => {
    expect(readReply(input, LATEST)).toBeNull();
  });

  it.each([
    ['CMD NO_QUEUE as older relays say', bytes('ERR CMD NO_QUEUE'), { type: 'CMD', error: 'NO_ENTITY' }],
    ['NETWORK with details', bytes('ERR PROXY BROKER NETWORK TIMEOUT'), { type: 'PROXY', error: { type: 'BROKER', error: { type: 'NETWORK' } } }],
    ['STORE with an empty text', bytes('ERR STORE '), { type: 'STORE', text: '' }],
  ])('%s is read', (_, input, error) => {
    expect(readReply(input, LATEST)).toEqual({ tag: 'ERR', error });
  });
});
