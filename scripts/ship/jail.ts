import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { USER } from './image-root.ts'

/** Why no process can be given a system root of its own here; undefined where it can. */
export function jailUnavailable(): string | undefined {
  const made = spawnSync('unshare', ['-mpf', '--mount-proc', 'mount', '-t', 'tmpfs', 'none', '/mnt'])
  return made.status === 0 ? undefined : 'needs Linux with unshare, and the right to mount (root)'
}

/** What is to be spawned, as the harness of `@dromedary/testing` takes it. */
export interface Jailed {
  readonly command: string
  readonly nodeArgs: readonly string[]
}

/** Where a member in a jail finds the folder in which members meet. */
export const MEET = '/tmp/meet'

/**
 * $1 the root, $2 the folder to meet in; the rest is the command. JAIL_SAYS, if it is set, is printed when all is made.
 * Everything is replaced by exec: the command is process 1.
 */
const ENTER = `set -e
root=$1 meet=$2; shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/tmp"
mkdir "$root${MEET}"
mount --bind "$meet" "$root${MEET}"
mount -o remount,bind,ro "$root"
[ -z "$JAIL_SAYS" ] || echo "$JAIL_SAYS"
exec env -i "$(command -v chroot)" --userspec=${USER}:${USER} --groups= "$root" "$@"`

/**
 * How to run a command as a container runtime does: as process 1, as user ${USER}, in a root folder that is read-only but
 * for a fresh /tmp, with an empty environment, and nothing of this machine in sight but the folder to meet in.
 */
export function jailed(root: string, meet: string, command: readonly string[]): Jailed {
  // Whoever runs there has no rights of root; the folder is the volume that one would give it.
  mkdirSync(meet, { recursive: true, mode: 0o777 })
  spawnSync('chmod', ['777', meet])
  // The outer namespace makes that all ends with the process that was spawned: the kernel forgets what --kill-child asked
  // for when the inner process becomes another user.
  const outer = ['--pid', '--fork', '--kill-child', 'unshare', '--mount', '--pid', '--fork']
  return { command: 'unshare', nodeArgs: [...outer, 'sh', '-c', ENTER, 'sh', root, meet, ...command] }
}

/** The process in a jail, as this machine numbers it: below both `unshare`. */
export function insideOf(unshare: { readonly pid: number }): number {
  return childOf(childOf(unshare.pid))
}

function childOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  if (!child) throw new Error('nothing runs in the jail')
  return Number(child)
}

/** One field of what the kernel says about a process. */
export function statusOf(pid: number, field: string): string {
  return new RegExp(`^${field}:[ \\t]*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
}
