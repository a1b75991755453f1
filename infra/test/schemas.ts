/** The schemas of the Kubernetes API, as its server would check an object: names of fields, kinds of values, what must be there. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';

/** The oldest version that the manifests are for, and the newest that there are schemas of. */
export const API_VERSIONS = ['v1.30.0', 'v1.37.0'] as const;
type ApiVersion = (typeof API_VERSIONS)[number];

const SCHEMAS = new URL('../node_modules/.cache/kubernetes-schemas/', import.meta.url);
/** Not the type guard that it also is: nothing is left of an object that passed. */
type Check = (value: unknown) => ValidateFunction['errors'];

const parsers = new Map<string, (schema: object) => Check>();
const known = new Map<string, Check>();

const read = (version: ApiVersion, file: string): object => JSON.parse(readFileSync(new URL(`${version}/${file}`, SCHEMAS), 'utf8')) as object;

function parserOf(version: ApiVersion): (schema: object) => Check {
  const before = parsers.get(version);
  if (before !== undefined) return before;
  const parser = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  parser.addSchema(read(version, '_definitions.json'), '_definitions.json');
  const made = (schema: object): Check => {
    const validate = parser.compile(schema);
    return (value) => (validate(value) ? null : validate.errors);
  };
  parsers.set(version, made);
  return made;
}

/** `apps/v1` and `Deployment` are in `deployment-apps-v1.json`. */
function fileOf(apiVersion: string, kind: string): string {
  const [version = '', group] = apiVersion.split('/').reverse();
  return `${[kind.toLowerCase(), ...(group === undefined ? [] : [group.split('.')[0]!]), version].join('-')}.json`;
}

/** What the API of that version has against an object. */
export function problemsIn(manifest: { readonly apiVersion: string; readonly kind: string }, version: ApiVersion): readonly string[] {
  const file = fileOf(manifest.apiVersion, manifest.kind);
  const key = `${version}/${file}`;
  const check = known.get(key) ?? parserOf(version)(read(version, file));
  known.set(key, check);
  return (check(manifest) ?? []).map(({ instancePath, message }) => `${manifest.kind}${instancePath}: ${message}`);
}
