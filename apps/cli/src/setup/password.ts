/** Passwords for creating queues (SMP §1.4, §9.1). */
import { toBase64Url } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { isServerPassword } from '@polyplex/protocol-common';
import { InvalidArgumentError } from 'commander';

const RANDOM_BYTES = 32;

export function randomPassword(): string {
  return toBase64Url(randomBytes(RANDOM_BYTES)).replaceAll('=', '');
}

/** For commander. */
export function passwordArgument(text: string): string {
  if (!isServerPassword(text)) throw new InvalidArgumentError('printable characters except space, @, : and /');
  return text;
}
