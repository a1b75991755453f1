/** What can go wrong with a store or its file, and what to do about it. */
import { errorText } from '@polyplex/base';
import { StoreError, type StoreErrorCode } from '@polyplex/store-contract';
import { TransferError, type TransferErrorCode } from '@polyplex/store-transfer';
import { NodeError } from '@polyplex/node';
import { CliError } from '../report-failure.ts';

const FILE_ADVICE: Readonly<Record<TransferErrorCode, string>> = {
  FOREIGN: 'give the file that an export made',
  NEWER: 'nothing was changed',
  CUT: 'copy it again; an export that was interrupted goes on with "polyplex store export --resume"',
  DAMAGED: 'copy it again, or export again',
  TOO_LARGE: 'report this as a fault of Polyplex',
};

const STORE_ADVICE: Readonly<Partial<Record<StoreErrorCode, string>>> = {
  FULL: 'make room',
  DAMAGED: 'restore a backup',
};

/** `file` is where the bytes were from; `repeat` tells how the operator goes on. */
export function explained(error: unknown, file: string, repeat: string): unknown {
  if (error instanceof TransferError) return new CliError('FILES', `${file}: ${error.message}: ${FILE_ADVICE[error.code]}`, { cause: error });
  if (!(error instanceof StoreError)) return error;
  const reason = error.code === 'FAILED' && error.cause !== undefined ? `${error.message}: ${errorText(error.cause)}` : error.message;
  const advice = [STORE_ADVICE[error.code], repeat].filter((part) => part !== undefined && part !== '');
  return new NodeError('STORAGE', [reason, ...advice].join('; '), { cause: error });
}

/** Why a file cannot be used, in words; `what` was tried. */
export function fileFailure(path: string, what: 'read' | 'written', error: unknown): CliError {
  if (error instanceof CliError) return error;
  return new CliError('FILES', `${path} cannot be ${what} (${(error as NodeJS.ErrnoException).code ?? errorText(error)})`, { cause: error });
}
