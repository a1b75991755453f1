/** What a node is called among others: what its operator chose, or else its machine and admin port, which no two share. */
import { hostname } from 'node:os';

export function nodeName({ nodeName: chosen, port }: { readonly nodeName: string | null; readonly port: number }): string {
  return chosen ?? `${hostname()}:${port === 0 ? `pid ${process.pid}` : port}`;
}
