/** The elements that the page's HTML has (`file-page.ts`), and which of its sections is shown. */

const SECTIONS = ['send', 'receive', 'work', 'sent', 'received', 'failed'] as const;

export type Section = (typeof SECTIONS)[number];

/** Throws when the page has none of that name and kind, which is a mistake of ours. */
export function element<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} #${id}`);
}

/** null where the server takes no files, or none without something. */
export function optionalInput(id: string): HTMLInputElement | null {
  const found = document.getElementById(id);
  return found instanceof HTMLInputElement ? found : null;
}

export function setText(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}

export function onClick(id: string, act: () => void): void {
  element(id, HTMLElement).addEventListener('click', act);
}

/** Shows one section, and moves the focus there: what was focused before may be hidden now. */
export function show(section: Section, focus: string | null = null): void {
  for (const each of SECTIONS) element(each, HTMLElement).hidden = each !== section;
  if (focus !== null) element(focus, HTMLElement).focus();
}

export function setTitle(title: string): void {
  document.title = title;
  setText('title', title);
}
