/**
 * Nothing outlives this process: a tiny shell holds the other end of a pipe, and when the pipe closes, however this
 * process ended, it kills the processes and removes the folders that were still registered. It has a session of its own,
 * so that Ctrl-C in the terminal does not reach it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Lines are `+pid N`, `-pid N`, `+folder PATH`, `-folder PATH`; folders are ours and have no newline in them. */
const SCRIPT = `
trap '' INT TERM HUP
pids=' ' folders=
while read -r verb what; do
  case $verb in
    +pid) pids="$pids$what " ;;
    -pid) case $pids in *" $what "*) pids="\${pids%% $what *} \${pids#* $what }" ;; esac ;;
    +folder) folders="$folders$what
" ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
sleep 0.2
printf %s "$folders" | while read -r folder; do rm -rf -- "$folder"; done
`;

let shell: ChildProcess | null = null;

function tell(line: string): void {
  if (shell === null) {
    shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.on('error', () => undefined);
    shell.unref();
    shell.stdin!.on('error', () => undefined);
    (shell.stdin as Socket).unref();
  }
  shell.stdin!.write(`${line}\n`);
}

/** Has the process killed when this one is gone. */
export function guardProcess(pid: number): void {
  tell(`+pid ${pid}`);
}

/** For a process that has ended: its number may be another's soon. */
export function forgetProcess(pid: number): void {
  tell(`-pid ${pid}`);
}

/** Has the folder removed when this process is gone, also when it was removed before. */
export function guardFolder(folder: string): void {
  tell(`+folder ${folder}`);
}
