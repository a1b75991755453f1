/**
 * The kinds of settings. Each is a zod schema that reads both the typed values of YAML and the text of environment and
 * flags, with a default in the form that people write, and with the facts that error messages, `config print` and the
 * reference are made of. Invariant: every setting has a default, a sentence, and says what it allows.
 */
import { z } from 'zod';
import { formatDuration, formatSize, readDuration, readSize } from './units.ts';

/** How a value is printed, and whether it is a path. */
export type SettingForm = 'plain' | 'duration' | 'size' | 'path';

export interface SettingFacts {
  readonly kind: 'setting';
  /** One sentence for the reference. */
  readonly description: string;
  /** What may be given, in words, bounds and unit included. */
  readonly allowed: string;
  /** In the form that people write; null for none. */
  readonly fallback: Fallback;
  readonly form: SettingForm;
}

/** What every setting is told. */
export interface Described {
  readonly describe: string;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** What a default may be. */
type Fallback = string | number | boolean | null | readonly (string | number)[];

interface Facts<D> extends Described {
  readonly default: D;
  readonly allowed: string;
  readonly form?: SettingForm;
}

/** Any schema as a setting; the others here are made of it. */
function setting<S extends z.ZodType>(schema: S, facts: Facts<z.input<S> & Fallback>): z.ZodPrefault<S> {
  const { describe: description, allowed, default: fallback, form = 'plain' } = facts;
  // Defaults are input: they pass the same checks as what operators give.
  const prefaulted = z.prefault(schema, fallback);
  return prefaulted.meta({ kind: 'setting', description, allowed, fallback, form } satisfies SettingFacts);
}

const SWITCH: Readonly<Record<string, boolean>> = { on: true, true: true, yes: true, off: false, false: false, no: false };

/** `true` or `false`; as text also on, off, yes, no. */
export function toggle(facts: Described & { readonly default: boolean }) {
  const schema = z.union([z.boolean(), z.string().transform((text) => SWITCH[text])]).pipe(z.boolean());
  return setting(schema, { ...facts, allowed: '`true` or `false`' });
}

function integerSchema({ min, max }: Bounds) {
  const text = z.string().transform((value) => (/^-?\d+$/.test(value) ? Number(value) : NaN));
  return z.union([z.number(), text]).pipe(z.int().min(min).max(max));
}

/** A whole number. `unit` is for the reader: "connections", "messages". */
export function integer(facts: Described & Bounds & { readonly default: number; readonly unit?: string }) {
  const unit = facts.unit === undefined ? '' : ` (${facts.unit})`;
  const allowed = `a whole number from ${String(facts.min)} to ${String(facts.max)}${unit}`;
  return setting(integerSchema(facts), { ...facts, allowed });
}

const PORT: Bounds = { min: 0, max: 65_535 };

/** A TCP port; 0 lets the system choose a free one. */
export function port(facts: Described & { readonly default: number }) {
  return setting(integerSchema(PORT), { ...facts, allowed: 'a port from 0 to 65535 (0: any free one)' });
}

/** A TCP port or null for none. */
export function optionalPort(facts: Described) {
  const none = z.enum(['', 'off', 'none']).transform(() => null);
  const schema = z.union([z.null(), none, integerSchema(PORT)]);
  return setting(schema, { ...facts, default: null, allowed: 'a port from 0 to 65535 (0: any free one), or empty for none' });
}

interface DurationBounds {
  readonly min: string;
  readonly max: string;
}

function durationSchema(facts: DurationBounds) {
  const bounds = { min: readDuration(facts.min) ?? 0, max: readDuration(facts.max) ?? 0 };
  const text = z.union([z.string(), z.literal(0).transform(String)]);
  return text.transform((value) => readDuration(value) ?? NaN).pipe(z.int().min(bounds.min).max(bounds.max));
}

function durationsAllowed({ min, max }: DurationBounds): string {
  return `a duration such as \`15s\` or \`2h\` (ms, s, m, h, d), from ${min} to ${max}`;
}

/** Milliseconds, given as `15s`, `21d`. */
export function duration(facts: Described & DurationBounds & { readonly default: string }) {
  return setting(durationSchema(facts), { ...facts, allowed: durationsAllowed(facts), form: 'duration' });
}

/** Milliseconds, or null for none. */
export function optionalDuration(facts: Described & DurationBounds) {
  const none = z.enum(['', 'off', 'none']).transform(() => null);
  const schema = z.union([z.null(), none, durationSchema(facts)]);
  return setting(schema, { ...facts, default: null, allowed: `${durationsAllowed(facts)}, or empty for none`, form: 'duration' });
}

interface SizeBounds {
  readonly min: string;
  readonly max: string;
}

function sizeSchema({ min, max }: SizeBounds) {
  const text = z.union([z.string(), z.literal(0).transform(String)]);
  return text.transform((value) => readSize(value) ?? NaN).pipe(z.int().min(readSize(min) ?? 0).max(readSize(max) ?? 0));
}

function sizesAllowed({ min, max }: SizeBounds): string {
  return `a size such as \`16KiB\` or \`64MiB\` (B, KiB, MiB, GiB, TiB), from ${min} to ${max}`;
}

/** Bytes, given as `64MiB`. */
export function size(facts: Described & SizeBounds & { readonly default: string }) {
  return setting(sizeSchema(facts), { ...facts, allowed: sizesAllowed(facts), form: 'size' });
}

/** Bytes, or null for no bound. */
export function optionalSize(facts: Described & SizeBounds) {
  const none = z.enum(['', 'off', 'none']).transform(() => null);
  const schema = z.union([z.null(), none, sizeSchema(facts)]);
  return setting(schema, { ...facts, default: null, allowed: `${sizesAllowed(facts)}, or empty for none`, form: 'size' });
}

/** One word of a list. */
export function choice<const V extends readonly [string, ...string[]]>(
  facts: Described & { readonly of: V; readonly default: V[number] },
) {
  const allowed = facts.of.map((value) => `\`${value}\``).join(' or ');
  return setting(z.enum(facts.of), { ...facts, default: facts.default, allowed });
}

interface TextFacts extends Described {
  /** What it must look like; default any single line. */
  readonly matches?: (text: string) => boolean;
  readonly allowed?: string;
}

const MAX_TEXT = 1000;

function lineSchema(matches: (text: string) => boolean = () => true) {
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  return z.string().min(1).max(MAX_TEXT).refine((text) => !/[\u0000-\u001f\u007f]/.test(text) && matches(text));
}

/** One line of text. */
export function text(facts: TextFacts & { readonly default: string }) {
  return setting(lineSchema(facts.matches), { ...facts, allowed: facts.allowed ?? 'a line of text' });
}

/** One line of text, or null for none. */
export function optionalText(facts: TextFacts) {
  const schema = z.union([z.null(), z.literal('').transform(() => null), lineSchema(facts.matches)]);
  return setting(schema, { ...facts, default: null, allowed: `${facts.allowed ?? 'a line of text'}, or empty for none` });
}

/** A path. Relative ones count from the configuration folder; those of environment and flags from the working directory. */
export function path(facts: Described & { readonly default: string }) {
  return setting(lineSchema(), { ...facts, allowed: 'a path', form: 'path' });
}

/** A path, or null for none. Secrets are given as such, so that they are never printed. */
export function optionalPath(facts: Described) {
  const schema = z.union([z.null(), z.literal('').transform(() => null), lineSchema()]);
  return setting(schema, { ...facts, default: null, allowed: 'a path, or empty for none', form: 'path' });
}

interface ListFacts extends Described {
  readonly max: number;
}

const commaSeparated = z.string().transform((value) => value.split(',').map((item) => item.trim()).filter((item) => item !== ''));

/** Lines of text; as text separated by commas. */
export function textList(facts: ListFacts & Required<Pick<TextFacts, 'matches' | 'allowed'>> & { readonly default: readonly string[] }) {
  const schema = z.union([z.array(z.string()), commaSeparated]).pipe(z.array(lineSchema(facts.matches)).max(facts.max));
  return setting(schema, { ...facts, default: [...facts.default], allowed: `a list of at most ${String(facts.max)}: ${facts.allowed}` });
}

/** Ports; as text separated by commas. One alone needs no list. */
export function portList(facts: ListFacts & { readonly default: readonly number[] }) {
  const one = z.number().transform((value) => [value]);
  const schema = z.union([z.array(z.union([z.number(), z.string()])), one, commaSeparated]).pipe(z.array(integerSchema(PORT)).max(facts.max));
  return setting(schema, { ...facts, default: [...facts.default], allowed: `a list of at most ${String(facts.max)} ports from 0 to 65535` });
}

/** A value in the form that people write. */
export function showValue(value: unknown, form: SettingForm): unknown {
  if (typeof value !== 'number') return value;
  if (form === 'duration') return formatDuration(value);
  return form === 'size' ? formatSize(value) : value;
}
