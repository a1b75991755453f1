/** Formats in texts (directory §3.9). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FormattedText, parseMarkdown } from '../src/index.ts';
import { piecesOf } from '../src/markdown.ts';

const formats = (source: string): readonly unknown[] => parseMarkdown(source).map(({ format, text }) => (format === undefined ? text : [format.type, text]));

describe('formats between marks', () => {
  it.each([
    ['*bold*', [['bold', 'bold']]],
    ['_italic words_ and', [['italic', 'italic words'], ' and']],
    ['~strike~', [['strikeThrough', 'strike']]],
    ['`a * b`', [['snippet', 'a * b']]],
    ['#secret#', [['secret', 'secret']]],
    ['!1 red! !blue text!', [['colored', 'red'], ' ', ['colored', 'text']]],
    ['Hello *all* of you', ['Hello ', ['bold', 'all'], ' of you']],
    ['*a*_b_', [['bold', 'a'], ['italic', 'b']]],
    ['*two\nlines*', [['bold', 'two\nlines']]],
  ])('%s', (source, expected) => {
    expect(formats(source)).toEqual(expected);
  });

  it.each(['2*3*4', 'snake_case_name', '*', '**', '* a*', '*a *', '*open', '!7 no color!', '!1 !', '!1 open', '! wow !', '# heading', 'a ~ b ~ c', ''])('%j has none', (source) => {
    expect(formats(source)).toEqual(source === '' ? [] : [source]);
  });

  it('colors have names and numbers', () => {
    const colors = ['red', 'green', 'blue', 'yellow', 'cyan', 'magenta'];
    const colorsOf = (source: string): readonly unknown[] => parseMarkdown(source).flatMap(({ format }) => (format?.type === 'colored' ? [format.color] : []));
    expect(colorsOf('!1 a! !2 a! !3 a! !4 a! !5 a! !6 a!')).toEqual(colors);
    expect(colorsOf(colors.map((color) => `!${color} a!`).join(' '))).toEqual(colors);
  });
});

describe('formats of words', () => {
  it.each([
    ['see https://example.com/a?b=c#d.', ['see ', ['uri', 'https://example.com/a?b=c#d'], '.']],
    ['http://example.com/(a)', [['uri', 'http://example.com/(a)']]],
    ['mail a.b+c@example.co.uk, please', ['mail ', ['email', 'a.b+c@example.co.uk'], ', please']],
    ['call +44 20 7946 0958 now', ['call ', ['phone', '+44 20 7946 0958'], ' now']],
    ['call 07777777777', ['call ', ['phone', '07777777777']]],
    ['send /help', ['send ', ['command', '/help']]],
    ["send /'filter 7 off' now", ['send ', ['command', '/filter 7 off'], ' now']],
    ['ask @ann or @\'ann b\'', ['ask ', ['mention', '@ann'], ' or ', ['mention', '@ann b']]],
  ])('%s', (source, expected) => {
    expect(formats(source)).toEqual(expected);
  });

  it.each(['javascript:alert(1)', 'https://', 'https://user@example.com', 'ftp://example.com', 'data:text/html,a', '+12', '2026-11-29', 'a/b', '/usr/bin', '@', '/', 'a@b', 'x@y@example.com'])('%s has none', (source) => {
    expect(formats(source)).toEqual([source]);
  });
});

describe('links', () => {
  it('of the network tell what they lead to', () => {
    const link = (source: string): unknown => parseMarkdown(source)[0]?.format;
    expect(link('https://smp1.example:5223/g#abc')).toEqual({ type: 'simplexLink', linkType: 'group', simplexUri: 'https://smp1.example:5223/g#abc', smpHosts: ['smp1.example'] });
    expect(link('simplex:/a#abc?h=a.example,b.onion&p=5223')).toMatchObject({ linkType: 'contact', smpHosts: ['a.example', 'b.onion'] });
    expect(link('https://simplex.chat/contact#/?v=2-7&smp=smp%3A%2F%2Fkey%40a.example%2Cb.onion%2Fid%23%2F&data=%7B%22type%22%3A%22group%22%7D')).toMatchObject({
      linkType: 'group', smpHosts: ['a.example', 'b.onion'],
    });
    expect(link('simplex:/contact#/?v=2-7&smp=smp%3A%2F%2Fkey%40a.example%2Fid')).toMatchObject({ linkType: 'contact', smpHosts: ['a.example'] });
    expect(link('simplex:/invitation#/?v=2-7')).toMatchObject({ linkType: 'invitation', smpHosts: [] });
    expect(['i', 'c', 'r'].map((letter) => link(`https://a.example/${letter}#x/y`))).toMatchObject([{ linkType: 'invitation' }, { linkType: 'channel' }, { linkType: 'relay' }]);
  });

  it('with a text show it', () => {
    expect(parseMarkdown('read [the rules](https://example.com/rules)!')).toEqual([
      { text: 'read ' },
      { format: { type: 'hyperLink', showText: 'the rules', linkUri: 'https://example.com/rules' }, text: 'the rules' },
      { text: '!' },
    ]);
    expect(parseMarkdown('[join](simplex:/g#abc)')[0]).toMatchObject({ format: { type: 'simplexLink', showText: 'join', linkType: 'group' }, text: 'join' });
  });

  it.each([
    ['leads to a script', '[a](javascript:alert(1))'],
    ['looks like another link', '[https://bank.example](https://evil.example)'],
    ['looks like another site', '[bank.example](https://evil.example)'],
    ['has no text', '[](https://example.com)'],
    ['has a text of spaces', '[ ](https://example.com)'],
    ['has a text of a book', `[${'a'.repeat(600)}](https://example.com)`],
    ['is open', '[a](https://example.com'],
  ])('a text that %s is shown as it is', (_name, source) => {
    expect(formats(source).join('')).toContain('[');
    expect(formats(source).some((part) => Array.isArray(part) && part[0] === 'hyperLink')).toBe(false);
  });

  it('that shows itself may', () => {
    expect(formats('[https://example.com](https://example.com)')).toEqual([['hyperLink', 'https://example.com']]);
  });
});

const marks = fc.constantFrom('*', '_', '~', '`', '#', '!', '1', ' ', '\n', '[', ']', '(', ')', '/', '@', "'", '+', '0', '7', 'a', 'B', '.', 'https://a.bc', 'simplex:/g#a', 'x@yz.de', 'ü', '👍');
const sources = fc.oneof(fc.string({ unit: marks, maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }));

describe('any text', () => {
  it('is read whole: its pieces are it, and the texts of the parts what the pieces show', () => {
    fc.assert(fc.property(sources, (source) => {
      let at = 0;
      let visible = '';
      for (const { length, text, format } of piecesOf(source)) {
        const raw = source.slice(at, at + length);
        expect(format === undefined ? raw === text : raw.includes(text) || isUnquoted(raw, text)).toBe(true);
        at += length;
        visible += text;
      }
      expect(at).toBe(source.length);
      const parts = parseMarkdown(source);
      expect(parts.map(({ text }) => text).join('')).toBe(visible);
      expect(hasNeighbours(parts)).toBe(false);
    }), { numRuns: 3_000 });
  });

  it.each([
    ['marks that nothing closes', '*a '], ['all marks', '*a _b ~c `d #e !1 f [g '], ['brackets', '[ '], ['brackets that close once', '[a '], ['commands', '/a'], ['quotes', "@'a"],
    ['digits', '+1 '], ['at signs', 'a@'], ['dots', 'a.'], ['punctuation', '!?'], ['slashes', 'https://'],
  ])('is read in one pass, or this does not end: %s', (_name, unit) => {
    const source = `${unit.repeat(600_000 / unit.length)}](`;
    expect(parseMarkdown(source).reduce((length, { text }) => length + text.length, 0)).toBeLessThanOrEqual(source.length);
  });
});

/** A command or a mention between quotes, which are not shown. */
function isUnquoted(raw: string, text: string): boolean {
  return raw.replaceAll("'", '') === text;
}

function hasNeighbours(parts: readonly FormattedText[]): boolean {
  return parts.some(({ format }, i) => i > 0 && format === undefined && parts[i - 1]?.format === undefined);
}
