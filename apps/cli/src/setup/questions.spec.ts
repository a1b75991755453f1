/** The questions of `polyplex init`, with lines in place of a terminal. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askQuestions, type Given } from './questions.ts';

const NOTHING: Given = { hosts: null, password: undefined };

/** Answers each question when it has been asked; the end of the answers closes the terminal. */
function terminalWith(...answers: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = [...answers];
  let text = '';
  output.on('data', (part: Buffer) => {
    text += part.toString();
    if (!text.endsWith(']: ')) return;
    const answer = left.shift();
    if (answer === undefined) input.end();
    else input.write(`${answer}\n`);
  });
  return { terminal: { input, output }, text: () => text };
}

describe('init asks', () => {
  it('for what was not given, and takes the defaults', async () => {
    const { hosts, password } = await askQuestions(NOTHING, terminalWith('', '').terminal);
    expect(hosts).toEqual(['localhost']);
    expect(password).toMatch(/^[\w-]{43}$/);
    expect(await askQuestions({ hosts: ['x.org'], password: null }, terminalWith().terminal)).toEqual({ hosts: ['x.org'], password: null });
  });

  it('again, saying what was wrong', async () => {
    const { terminal, text } = terminalWith('no host', 'a.org, b.onion', 'two words', 'n');
    expect(await askQuestions(NOTHING, terminal)).toEqual({ hosts: ['a.org', 'b.onion'], password: null });
    expect(text()).toMatch(/That is no host name.*\nHost name[^]*A password may have[^]*\nPassword/);
  });

  it('until the terminal is closed', async () => {
    await expect(askQuestions(NOTHING, terminalWith('a.org').terminal)).rejects.toThrow('nothing was made');
  });
});
