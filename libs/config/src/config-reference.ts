/** The reference page (docs/configuration.md), made of the schema, so that it cannot fall behind. */
import { type ConfigSchema, settingsOf } from './config-schema.ts';
import type { SettingFacts } from './setting.ts';

const INTRODUCTION = `Settings come from three places; a later one wins, setting by setting:

1. the file \`polyplex.yaml\` in the configuration folder: sections with settings in them;
2. the environment: the variable named with each setting;
3. the command line: \`--set section.key=value\`, as often as needed.

They are checked together before anything starts, and a name that is no setting is an error. \`polyplex config check\`
only checks; \`polyplex config print\` shows what is in effect and where it came from. Lists are separated by commas in
variables and flags. Relative paths count from the configuration folder in the file and in defaults, and from the working
directory in variables and flags. Secrets are never settings: a setting names the file that holds one.`;

/** Markdown, one table a section. */
export function configReference(schema: ConfigSchema): string {
  const settings = settingsOf(schema);
  const sections = Object.entries(schema.sections).map(([name, group]) => {
    const description = group.meta()?.description ?? '';
    const rows = settings.filter((entry) => entry.section === name).map(({ key, variable, facts }) =>
      `| \`${key}\`<br>\`${variable}\` | ${cell(facts.description)} | ${cell(facts.allowed)} | ${defaultOf(facts.fallback)} |`);
    return [`## ${name}`, '', description, '', '| Setting | Meaning | Allowed | Default |', '|---|---|---|---|', ...rows].join('\n');
  });
  return [`# ${schema.title}`, '', '<!-- Made by `polyplex config reference`; a test keeps it so. -->', '', INTRODUCTION, '', sections.join('\n\n'), ''].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function defaultOf(value: SettingFacts['fallback']): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return 'none';
  return `\`${Array.isArray(value) ? value.join(', ') : String(value)}\``;
}
