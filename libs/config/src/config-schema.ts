/**
 * A configuration is two levels deep: sections, and settings in them. That is what makes `POLYPLEX_<SECTION>_<KEY>`,
 * `--set section.key=value` and a flat reference possible.
 */
import { z } from 'zod';
import type { Problem } from './problem.ts';
import type { SettingFacts } from './setting.ts';

type Section = z.ZodPrefault<z.ZodObject>;
export type Sections = Readonly<Record<string, Section>>;

/** A group of settings with the sentence that heads it in the reference. */
export function section<S extends z.core.$ZodLooseShape>(description: string, settings: S) {
  return z.prefault(z.strictObject(settings), {} as never).meta({ kind: 'section', description });
}

/** The validated, frozen values of sections. */
export type ValuesOf<S extends Sections> = { readonly [K in keyof S]: DeepReadonly<z.output<S[K]>> };

type DeepReadonly<T> = T extends readonly (infer E)[] ? readonly DeepReadonly<E>[] : T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** The validated, frozen values of a schema. */
export type ConfigOf<C> = C extends ConfigSchema<infer S> ? ValuesOf<S> : never;

export interface ConfigSchema<S extends Sections = Sections> {
  readonly sections: S;
  /** Heads the reference. */
  readonly title: string;
  /** What must hold between settings; asked when each by itself is right. */
  rules?(config: ValuesOf<S>): readonly Problem[];
}

/** Only for the types. */
export function configSchema<S extends Sections>(schema: ConfigSchema<S>): ConfigSchema<S> {
  return schema;
}

/** One setting of a schema, for whoever prints or documents. */
export interface SettingEntry {
  readonly section: string;
  readonly key: string;
  /** `section.key` */
  readonly name: string;
  /** `POLYPLEX_<SECTION>_<KEY>` */
  readonly variable: string;
  readonly facts: SettingFacts;
}

export const VARIABLE_PREFIX = 'POLYPLEX_';

function upperSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

export function settingsOf(schema: ConfigSchema): readonly SettingEntry[] {
  return Object.entries(schema.sections).flatMap(([section, group]) =>
    Object.entries(group.def.innerType.shape).map(([key, setting]) => ({
      section,
      key,
      name: `${section}.${key}`,
      variable: `${VARIABLE_PREFIX}${upperSnake(section)}_${upperSnake(key)}`,
      facts: (setting as z.ZodType).meta() as unknown as SettingFacts,
    })),
  );
}
