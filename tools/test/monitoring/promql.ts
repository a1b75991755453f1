/** What an expression of PromQL asks for. No parser: what is no name of a metric is taken away, and names are left. */

interface Selected {
  readonly metric: string;
  /** Of its matchers. */
  readonly labels: readonly string[];
}

export interface Asked {
  readonly selected: readonly Selected[];
  /** Labels of `by`, `on` and their like. */
  readonly grouping: readonly string[];
}

const WORDS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'inf', 'nan']);
const GROUPING = /\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;

export function asked(expr: string): Asked {
  const plain = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\[[^\]]*\]/g, '');
  const grouping = [...plain.matchAll(GROUPING)].flatMap(([, labels = '']) => labels.split(',').map((label) => label.trim()).filter((label) => label !== ''));
  const rest = plain.replace(GROUPING, ' ');
  // A name with its matchers, or a name alone that no parenthesis makes a function.
  const names = rest.matchAll(/(?<![\w:.])([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\}|(?![\w:]|\s*[({]))/g);
  const selected = [...names]
    .filter(([, name = '']) => !WORDS.has(name.toLowerCase()))
    .map(([, metric = '', matchers = '']) => ({ metric, labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label) }));
  return { selected, grouping: [...new Set(grouping)] };
}
