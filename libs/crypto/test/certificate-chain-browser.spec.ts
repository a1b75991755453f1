/** The same chains, judged by what browsers read certificates with. */
import { vi } from 'vitest';

vi.mock('../src/x509.ts', () => import('../src/browser/x509.ts'));

await import('./certificate-chain.spec.ts');
