/**
 * The shell script that turns fresh namespaces into a container of one service: a root of this machine's system with the
 * volumes, secrets and files of the service over it, its user, no capabilities, read-only where the compose file says so.
 */
import type { Image } from './images.ts';

export interface ContainerSpec {
  /** An empty folder of its own. */
  readonly folder: string;
  readonly image: Image;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  /** Lines of /etc/hosts. */
  readonly hosts: string;
  readonly readOnly: boolean;
  readonly dropsCapabilities: boolean;
  /** Open files at most, where this machine allows so many; null for this process's limit. */
  readonly files: number | null;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Waits for a line on its standard input, until then the network is not there. */
export function containerScript(spec: ContainerSpec): string {
  const { folder, image, argv, environment, mounts, hosts, readOnly, dropsCapabilities, files: openFiles } = spec;
  const root = `${folder}/root`;
  const variables = Object.entries(environment).map(([name, value]) => quoted(`${name}=${value}`));
  const files = image.files.map(([source, target]) => bind(source, root + target, true));
  return [
    'set -euo pipefail',
    'mount --make-rprivate /',
    `mount -t tmpfs tmpfs ${quoted(folder)}`,
    `cd ${quoted(folder)} && mkdir -p root/{proc,dev,tmp,run,opt,usr,etc} layer/{upper,work} && chmod 1777 root/tmp`,
    'mount -t overlay overlay -o lowerdir=/usr,upperdir=layer/upper,workdir=layer/work root/usr',
    // What an image has of it; this machine's own services do not belong there.
    'for name in passwd group nsswitch.conf ld.so.cache alternatives ssl; do [ ! -e /etc/$name ] || cp -a /etc/$name root/etc/; done',
    'for name in bin sbin lib lib64; do ln -s usr/$name root/$name; done',
    'mount -t proc proc root/proc && mount --rbind /dev root/dev',
    `printf %s ${quoted(hosts)} >root/etc/hosts`,
    ...files,
    ...image.links.map(([target, place]) => `ln -s ${quoted(target)} ${quoted(root + place)}`),
    ...mounts.map(({ source, target, readOnly: isReadOnly }) => bind(source, root + target, isReadOnly)),
    ...(readOnly ? ['mount --rbind root root', 'mount -o remount,bind,ro root', 'mount -o remount,bind,ro root/usr'] : []),
    ...(openFiles === null ? [] : [`ulimit -n ${String(openFiles)} 2>/dev/null || ulimit -n "$(ulimit -Hn)"`]),
    'read -r',
    'ip link set lo up',
    `exec ${[
      'chroot', quoted(root), 'setpriv', `--reuid=${String(image.user)}`, `--regid=${String(image.user)}`, '--clear-groups', '--no-new-privs',
      ...(dropsCapabilities ? ['--bounding-set=-all'] : []),
      'env', '-i', '-C', image.files.length > 0 ? '/opt/polyplex' : '/', ...variables, ...argv.map(quoted),
    ].join(' ')}`,
  ].join('\n');
}

function bind(source: string, target: string, readOnly: boolean): string {
  const [from, to] = [quoted(source), quoted(target)];
  const make = `if [ -d ${from} ]; then mkdir -p ${to}; else mkdir -p "$(dirname ${to})"; [ -e ${to} ] || touch ${to}; fi`;
  return `${make}; mount --bind ${from} ${to}${readOnly ? ` && mount -o remount,bind,ro ${to}` : ''}`;
}
