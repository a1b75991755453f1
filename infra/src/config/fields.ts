/** Kinds of values in a stack's configuration, each with what it must look like. */
import { z } from 'zod';

const SIZE = /^([1-9]\d{0,6})(MiB|GiB|TiB)$/;
const MEBIBYTES = { MiB: 1, GiB: 1024, TiB: 1024 * 1024 } as const;
const CIDR = /^(\d{1,3}(\.\d{1,3}){3}\/\d{1,2}|[0-9a-fA-F:]+\/\d{1,3})$/;

export const size = z.string().regex(SIZE, 'a size such as 512MiB or 8GiB');

/** Of a size such as `8GiB`, in MiB. */
export function mebibytes(text: string): number {
  const [, digits = '0', unit = 'MiB'] = SIZE.exec(text) ?? [];
  return Number(digits) * MEBIBYTES[unit as keyof typeof MEBIBYTES];
}

/** As Kubernetes writes it: `8192Mi`. */
export function quantity(text: string): string {
  return `${mebibytes(text)}Mi`;
}

export const cores = z.number().min(0.05).max(128);
export const port = z.number().int().min(1).max(65_535);
export const count = (least: number, most: number) => z.number().int().min(least).max(most);
export const label = z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, 'up to 30 small letters, digits and -, a letter first');
export const line = z.string().regex(/^[^\r\n]{1,256}$/, 'a line of up to 256 characters');
export const hostName = z.string().regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, 'a host name with small letters, such as smp.example.org');
export const network = z.string().regex(CIDR, 'a network such as 10.0.0.0/8');
export const url = z.string().regex(/^https?:\/\/[^\s/]+(\/\S*)?$/, 'a link beginning with https:// or http://');
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 hexadecimal digits');

/** A container image that is one thing tomorrow too: with a version that is not `latest`, or a digest. */
export const image = z.string().regex(/^[a-z0-9][\w.:/-]*?(:(?!latest$|latest@)[\w][\w.-]{0,127})(@sha256:[0-9a-f]{64})?$|^[a-z0-9][\w.:/-]*@sha256:[0-9a-f]{64}$/, 'an image with a version other than latest, or a digest');

/** Minute, hour, day of month, month, day of week. */
export const schedule = z.string().regex(/^[\d*/,-]+( [\d*/,-]+){4}$/, 'a schedule of five fields, such as 17 3 * * *');
