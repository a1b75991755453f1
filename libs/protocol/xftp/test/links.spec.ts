/** Links that carry descriptions, and redirects (XFTP §1.5-§1.7). */
import { deflateRawSync } from 'node:zlib';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url, utf8 } from '@polyplex/base';
import {
  fileLink, formatDescription, MAX_DESCRIPTION_BYTES, openRedirect, parseDescription, parseFileLink, parseWebLink, redirectFile, webFragment, webLink,
} from '../src/index.ts';
import { cliDescription, cliFiles, files, unhex } from './wire-vectors.ts';

const refused = (message: string): Error => expect.objectContaining({ code: 'BAD_DESCRIPTION', message }) as Error;
const yamlOf = (name: string): string => files.descriptions.find((vector) => vector.name === name)!.yaml;
const description = parseDescription(yamlOf('recipient, 3 chunks, 2 servers'));
const sender = parseDescription(yamlOf('sender, 3 chunks, 2 servers'));

describe('simplex:/file', () => {
  const withUri = files.descriptions.filter(({ uri }) => uri !== undefined);

  it.each(withUri.map(({ name, yaml, uri }) => [name, yaml, uri!] as const))('%s', (_, yaml, uri) => {
    const { description: read, data } = parseFileLink(uri)!;
    expect(read).toEqual(parseDescription(yaml));
    expect(data).toBeNull();
    // The reference sorts groups as we do, but says the digest with the replica that it was given first.
    expect(parseFileLink(fileLink(read))!.description).toEqual(read);
  });

  it('is what the reference writes', () => {
    const { uri } = withUri.find(({ name }) => name === 'recipient, 3 chunks, 2 servers')!;
    expect(fileLink(description)).toBe(uri);
  });

  it('with data for the app', () => {
    const vector = files.descriptions.find(({ uriWithClientData }) => uriWithClientData !== undefined)!.uriWithClientData!;
    expect(parseFileLink(vector.uri)!.data).toBe(vector.data);
    expect(fileLink(description, vector.data).endsWith('&data=%7B%22a%22%3A1%7D')).toBe(true);
  });

  const escaped = fileLink(description).slice('simplex:/file#/?'.length);
  it.each([
    ['as a web address', `https://simplex.chat/file#/?${escaped}`],
    ['with a port', `https://simplex.chat:8443/file#/?${escaped}`],
    ['with a slash after file', `simplex:/file/#/?${escaped}`],
    ['without a slash before the query', `simplex:/file#?${escaped}`],
    ['other parameters around it', `simplex:/file#/?v=1&${escaped}&data&x=`],
    ['plus signs for spaces', `simplex:/file#/?${escaped.replaceAll('%20', '+')}`],
    ['white space around it', ` simplex:/file#/?${escaped}\n`],
  ])('is read %s', (_, link) => {
    expect(parseFileLink(link)?.description).toEqual(description);
  });

  it.each(['', 'simplex:/file', 'simplex:/contact#/?desc=1', `simplex:/file?${escaped}`, `http://simplex.chat/file#/?${escaped}`, 'simplex:/file#/?data=1', 'xftp://x@y'])('%j is no such link', (link) => {
    expect(parseFileLink(link)).toBeNull();
  });

  it('escapes everything but letters, digits and - _ . ~', () => {
    const link = fileLink(description, `aZ09-_.~!'()*&=+% é\n`);
    expect(link.slice(link.indexOf('&data=') + 6)).toBe('aZ09-_.~%21%27%28%29%2A%26%3D%2B%25%20%C3%A9%0A');
    expect(parseFileLink(link)!.data).toBe(`aZ09-_.~!'()*&=+% é\n`);
  });

  it('wrong content', () => {
    expect(() => parseFileLink('simplex:/file#/?desc=%')).toThrow(refused('bad escape in file link'));
    expect(() => parseFileLink('simplex:/file#/?desc=%ff')).toThrow(refused('bad escape in file link'));
    expect(() => parseFileLink('simplex:/file#/?desc=x')).toThrow(refused('bad file description in file description'));
    expect(() => parseFileLink(`simplex:/file#/?desc=${encodeURIComponent(formatDescription(sender))}`)).toThrow(refused('only recipient descriptions are allowed in links'));
  });
});

describe('web links', () => {
  it.each(cliFiles.map((file) => [file.name, file] as const))('%s as the reference printed it', (_, file) => {
    const text = cliDescription(file.recipientDescriptions[0]!);
    expect(formatDescription(parseWebLink(file.webLink)!)).toBe(text);
    const fragment = file.webLink.slice(file.webLink.indexOf('#') + 1);
    expect(parseWebLink(fragment)).toEqual(parseDescription(text));
    expect(parseWebLink(`#${fragment.replace(/=+$/, '')}`)).toEqual(parseDescription(text));
    expect(parseWebLink(webLink('https://127.0.0.1', parseDescription(text)))).toEqual(parseDescription(text));
  });

  it('the fragment follows the page', () => {
    const fragment = webFragment(description);
    expect(fragment).toMatch(/^[A-Za-z0-9_-]+=*$/);
    expect(webLink('https://host', description)).toBe(`https://host/#${fragment}`);
    expect(webLink('https://host:1/a/', description)).toBe(`https://host:1/a/#${fragment}`);
  });

  it.each(['', '#', 'https://host/', 'https://host/#about', `https://host/#${'a'.repeat(50)}`, `https://host/#${'a'.repeat(60)}/b`, 'simplex:/file#/?desc=1'])('%j is none', (link) => {
    expect(parseWebLink(link)).toBeNull();
  });

  const compressed = fromBase64Url(webFragment(description))!;
  const linkOf = (bytes: Uint8Array): string => `https://host/#${toBase64Url(bytes)}`;
  const zeros = new Uint8Array(deflateRawSync(new Uint8Array(64 * 1024 * 1024)));
  it.each([
    ['no base64url', `https://host/#${'a='.repeat(60)}`, 'bad web link'],
    ['no DEFLATE', linkOf(new Uint8Array(100).fill(0xff)), 'bad web link'],
    ['cut short', linkOf(compressed.subarray(0, compressed.length - 20)), 'bad web link'],
    ['with a zlib header', linkOf(Uint8Array.of(0x78, 0x9c, ...compressed)), 'bad web link'],
    ['no text', linkOf(deflateSync(unhex('ff'.repeat(100)), { level: 0 })), 'bad web link'],
    ['no description', linkOf(deflateSync(utf8('x'.repeat(100)), { level: 0 })), 'bad file description in file description'],
    ['a sender’s description', linkOf(deflateSync(utf8(formatDescription(sender)))), 'only recipient descriptions are allowed in links'],
    ['a bomb', linkOf(zeros), 'file description is too long'],
    ['a fragment without end', `https://host/#${'a'.repeat(2 * MAX_DESCRIPTION_BYTES + 4)}`, 'bad web link'],
  ])('%s', (_, link, message) => {
    expect(() => parseWebLink(link)).toThrow(refused(message));
  });

  it('a bomb is left before it is unpacked', () => {
    // What follows the first half is no DEFLATE: who comes that far says so.
    const broken = zeros.slice().fill(0xff, zeros.length / 2);
    expect(() => parseWebLink(linkOf(broken))).toThrow(refused('file description is too long'));
    const small = new Uint8Array(deflateRawSync(new Uint8Array(MAX_DESCRIPTION_BYTES / 2))).fill(0xff, 300);
    expect(() => parseWebLink(linkOf(small))).toThrow(refused('bad web link'));
  });
});

describe('redirects', () => {
  const file = redirectFile(description);
  const outer = { ...parseDescription(yamlOf('redirect')), redirect: file.redirect };

  it('hold the description in one chunk', () => {
    expect(file).toMatchObject({ name: 'direct.yaml', chunkSizes: [65_536], redirect: { size: description.size, digest: description.digest } });
    expect(openRedirect(outer, file.content)).toEqual(description);
  });

  it('are as large as they have to be, up to one chunk', () => {
    const chunks = (count: number): typeof description.chunks => Array.from({ length: count }, () => description.chunks[0]!);
    expect(redirectFile({ ...description, chunks: chunks(1000) }, '').chunkSizes).toEqual([262_144]);
    expect(() => redirectFile({ ...description, chunks: chunks(30_000) })).toThrow(refused('file description is too long'));
  });

  it.each([
    ['no text', Uint8Array.of(0xff), outer, 'redirect does not hold a file description'],
    ['no description', utf8('x'), outer, 'bad file description in file description'],
    ['a sender’s description', utf8(formatDescription(sender)), outer, 'only recipient descriptions are allowed in links'],
    ['a description that is no redirect', file.content, { ...outer, redirect: null }, 'redirect does not hold a file description'],
    ['a second redirect', utf8(formatDescription({ ...description, redirect: file.redirect })), outer, 'Redirect chain too long'],
    ['another size', file.content, { ...outer, redirect: { ...file.redirect, size: 1 } }, 'redirect leads to another file than it says'],
    ['another digest', file.content, { ...outer, redirect: { ...file.redirect, digest: new Uint8Array(64) } }, 'redirect leads to another file than it says'],
  ])('%s', (_, content, from, message) => {
    expect(() => openRedirect(from, content)).toThrow(refused(message));
  });
});
