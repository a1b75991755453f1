/** What is written of the admin API: it is what the table says, and a document that tools can read. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ADMIN_ROUTES, openApiDocument } from '@polyplex/admin-api';
import { adminApiPage, OPENAPI_FILE, openApiText, PAGE_FILE } from '../admin-api/pages.ts';

const fileText = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const AGAIN = 'run `node tools/admin-api.ts`';

describe('the files', () => {
  it('are what the table of routes says', () => {
    expect(fileText(OPENAPI_FILE) === openApiText(), `${OPENAPI_FILE}: ${AGAIN}`).toBe(true);
    expect(fileText(PAGE_FILE) === adminApiPage(), `${PAGE_FILE}: ${AGAIN}`).toBe(true);
  });
});

describe('the OpenAPI document', () => {
  const document = openApiDocument() as {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; responses: Record<string, { description: string }>; parameters?: { name: string }[]; security: object[] }>>;
    components: { schemas: Record<string, object> };
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));

  it('has every route once', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(ADMIN_ROUTES).sort());
    for (const { path, method, operationId } of operations) {
      const route = ADMIN_ROUTES[operationId as keyof typeof ADMIN_ROUTES];
      expect([method.toUpperCase(), path.replace(/\{(\w+)\}/, ':$1')]).toEqual([route.method, route.path]);
    }
  });

  it('refers to nothing that is not there, names what paths hold, and says what each answer is', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!);
    expect(references.length).toBeGreaterThan(50);
    for (const to of references) expect(Object.keys(document.components.schemas), to).toContain(to.replace('#/components/schemas/', ''));
    for (const { path, parameters = [], responses } of operations) {
      expect(parameters.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      for (const { description } of Object.values(responses)) expect(description).not.toBe('');
    }
  });

  it('asks for a token wherever not everybody may ask', () => {
    for (const { operationId, security } of operations) {
      expect([operationId, security.length]).toEqual([operationId, ADMIN_ROUTES[operationId as keyof typeof ADMIN_ROUTES].role === 'open' ? 0 : 1]);
    }
  });
});
