/** What people do with the console. */
import type { Fleet, Overview } from '@polyplex/admin-api';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Said } from './admin-port.ts';
import { saidBy } from './scenes.ts';

export const WAIT_MS = 30_000;

/** What the top of the page says. */
export const word = (page: Page) => page.locator('main h1').filter({ visible: true });

export async function says(page: Page, text: string | RegExp): Promise<void> {
  await expect.poll(() => word(page).first().textContent({ timeout: WAIT_MS }), { timeout: WAIT_MS }).toMatch(text);
}

/** Three relays on a Redis, told with `change`, which may be replaced while the page looks. */
export function changeable(count = 3): Said & { change: (nodes: Overview[]) => Overview[] } {
  const said = saidBy({ service: 'smp', count, engine: count === 1 ? 'embedded' : 'redis' });
  const result = {
    ...said,
    change: (nodes: Overview[]): Overview[] => nodes,
    fleet: (): Fleet => {
      const fleet = said.fleet();
      return { ...fleet, nodes: result.change(fleet.nodes) };
    },
  };
  return result;
}

/** The texts of all rows of the table of nodes, with one space between cells. */
export async function nodeRows(page: Page): Promise<string[]> {
  const rows = await page.locator('.nodes tbody tr').all();
  return Promise.all(rows.map(async (row) => (await row.locator('th, td').allTextContents()).join(' ').replace(/\s+/g, ' ').trim()));
}
