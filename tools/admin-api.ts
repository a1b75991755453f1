/** Writes what is made of the table of the admin port's routes. */
import { writeFileSync } from 'node:fs';
import { adminApiPage, OPENAPI_FILE, openApiText, PAGE_FILE } from './admin-api/pages.ts';

const root = new URL('../', import.meta.url);
writeFileSync(new URL(OPENAPI_FILE, root), openApiText());
writeFileSync(new URL(PAGE_FILE, root), adminApiPage());
