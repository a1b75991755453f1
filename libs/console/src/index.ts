export { type ConsoleFiles, readConsoleFiles } from './console-files.ts';
export { RUNBOOKS, runbookFile } from './runbooks.ts';
