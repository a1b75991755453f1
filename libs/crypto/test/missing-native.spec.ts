/** A process in which sodium-native cannot be loaded still works, and knows why it is slow. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const script = `
  import Module from 'node:module';
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (name, ...rest) {
    if (name === 'sodium-native') throw new Error('no binary for this platform\\nRequire stack: ...');
    return resolve.call(this, name, ...rest);
  };
  const { boxKeyOf, cryptoFallbackReason, cryptoProvider, openBox, sealBox } = await import('@polyplex/crypto');
  const key = boxKeyOf(new Uint8Array(32));
  const nonce = new Uint8Array(24);
  const opened = openBox(key, nonce, sealBox(key, nonce, Uint8Array.of(7)));
  console.log(JSON.stringify({ name: cryptoProvider.name, reason: cryptoFallbackReason, opened: [...opened] }));
`;

test('falls back to the portable provider', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname });
  expect(JSON.parse(output.toString())).toEqual({
    name: 'portable',
    reason: 'sodium-native cannot be loaded: no binary for this platform',
    opened: [7],
  });
});
