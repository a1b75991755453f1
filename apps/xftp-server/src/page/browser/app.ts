/**
 * The page: sends the file that was chosen, or receives the one that the fragment of its address names. Everything shown
 * is set as text; names of files come from strangers.
 */
import { type LinkedFile, readFragment } from '@polyplex/web-files';
import { element, onClick, optionalInput, setText, setTitle, show } from './elements.ts';
import { createJobs, type RunningJob } from './job.ts';
import { MAX_UPLOAD_MIB } from './limits.ts';
import type { Job, Outcome } from './messages.ts';
import { showSent } from './sent.ts';
import { sentenceFor, sizeText } from './words.ts';

const { server = '', worker = '', accepting = '' } = element('app', HTMLElement).dataset;
const MIB = 1024 * 1024;
const OTHER_FILE = 'Choose another file';

const jobs = createJobs(worker);
let running: RunningJob | null = null;
/** What the button of a failure does. */
let again: () => void = start;

const DOING: Readonly<Record<Job['type'], string>> = { send: 'Uploading', receive: 'Downloading', remove: 'Deleting' };

/** Runs a job under the eyes of the user; what comes of it goes to `onEnd` unless it failed. */
async function run(job: Job, onEnd: (outcome: Outcome) => void): Promise<void> {
  const doing = DOING[job.type];
  const bar = element('progress', HTMLProgressElement);
  bar.removeAttribute('value');
  setText('work-text', `${doing}…`);
  setText('work-amount', '');
  show('work', 'cancel');
  const mine = jobs.start(job, ({ done, total }) => {
    bar.max = total;
    bar.value = done;
    setText('work-amount', `${sizeText(done)} of ${sizeText(total)}`);
  });
  running = mine;
  const outcome = await mine.outcome;
  if (running !== mine) return;
  running = null;
  if (outcome.type !== 'failed') return onEnd(outcome);
  if (outcome.failure.kind === 'cancelled') return start();
  fail(sentenceFor(job.type, outcome.failure), 'Try again', () => void run(job, onEnd));
}

function fail(sentence: string, label: string, act: () => void): void {
  again = act;
  setText('failed-text', sentence);
  setText('again', label);
  show('failed', 'again');
}

/** Back to where a file can be chosen, without the link that was opened. */
function sendAnother(): void {
  if (location.hash === '') start();
  else location.hash = '';
}

function send(file: File): void {
  if (file.size > MAX_UPLOAD_MIB * MIB) return fail(sentenceFor('send', { kind: 'size' }), OTHER_FILE, start);
  const password = optionalInput('password')?.value ?? null;
  if (password === '') return fail('This server takes files only with its password.', 'Back', start);
  void run({ type: 'send', file, server, password }, (outcome) => {
    if (outcome.type !== 'sent') return;
    setTitle('File sent');
    setText('sent-text', `“${file.name}” was uploaded.`);
    void showSent(`${location.origin}/file/#${outcome.fragment}`);
    remove = () => void run({ type: 'remove', description: outcome.description, server }, removed);
  });
}

/** What "Delete the file" does. */
let remove: () => void = start;

function removed(): void {
  setTitle('File deleted');
  fail('The file was deleted. Its link works no longer.', OTHER_FILE, start);
}

function offer(fragment: string): void {
  const file = readFragment(fragment);
  setTitle('Receive a file');
  if (file === null) return fail(sentenceFor('receive', { kind: 'link' }), 'Send a file', sendAnother);
  setText('receive-text', `Somebody sent you a file of ${sizeOf(file)}. It is decrypted in this browser.`);
  element('download', HTMLButtonElement).onclick = () => {
    void run({ type: 'receive', fragment, server }, (outcome) => {
      if (outcome.type === 'received') save(outcome.name, outcome.content);
    });
  };
  show('receive');
}

/** Padded: what is inside is shorter, and known only when it is decrypted. */
function sizeOf({ size }: LinkedFile): string {
  return `at most ${sizeText(size)}`;
}

let saved: string | null = null;

/** Never shown or opened here: it is data, whatever it says it is. */
function save(name: string, content: Blob): void {
  if (saved !== null) URL.revokeObjectURL(saved);
  saved = URL.createObjectURL(content);
  const link = element('save', HTMLAnchorElement);
  link.href = saved;
  link.download = name;
  setTitle('File received');
  setText('received-text', `“${name}” (${sizeText(content.size)}) was received and decrypted.`);
  show('received', 'save');
  link.click();
}

/** What the address says: a file to receive, or nothing, and then one can be sent. */
function start(): void {
  running?.cancel();
  running = null;
  const fragment = location.hash.slice(1);
  if (fragment !== '') return offer(fragment);
  setTitle('Send a file');
  const input = optionalInput('file');
  if (input !== null) input.value = '';
  show('send');
}

function acceptFiles(input: HTMLInputElement): void {
  const drop = element('drop', HTMLElement);
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file !== undefined) send(file);
  });
  // A file that misses the box would replace the page.
  for (const type of ['dragover', 'drop'] as const) addEventListener(type, (event) => event.preventDefault());
  drop.addEventListener('dragover', () => drop.classList.add('over'));
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    drop.classList.remove('over');
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) send(file);
  });
}

onClick('cancel', () => {
  running?.cancel();
  setText('work-text', 'Cancelling…');
});
onClick('again', () => again());
onClick('another', () => start());
onClick('remove', () => remove());
addEventListener('hashchange', start);
addEventListener('beforeunload', (event) => {
  if (running !== null) event.preventDefault();
});
const input = optionalInput('file');
if (accepting !== 'nobody' && input !== null) acceptFiles(input);
start();
