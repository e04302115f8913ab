import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { codeOf } from './lock-fs.ts'

/**
 * What tells one running kernel from another: a refused connection proves a death only on the kernel that ran the
 * process. Linux: the boot id; elsewhere the host's name, which a reboot does not change, but a reboot ends all.
 */
export function hostIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `${process.platform}:${hostname()}`
  }
}

/** What a refused connection says on this kernel. */
export interface Host {
  /** A living listener whose queue is full refuses too, as on BSD and macOS; Linux says EAGAIN. */
  readonly queueRefuses: boolean
  /** Whether there is certainly no such process. */
  isGone(pid: number): boolean
}

/** The host of a platform, by the signal 0 of `kill`. */
export function hostOf(platform: NodeJS.Platform, kill: (pid: number, signal: 0) => unknown): Host {
  return {
    queueRefuses: platform !== 'linux',
    isGone(pid) {
      try {
        kill(pid, 0)
        return false
      } catch (error) {
        return codeOf(error) === 'ESRCH'
      }
    },
  }
}

export const thisHost: Host = hostOf(process.platform, (pid, signal) => process.kill(pid, signal))

/** File systems that may reach over several hosts or containers, by the number statfs gives on Linux. */
const SHARED_FILESYSTEMS: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'SMB',
  4266872130: 'SMB',
  2035054128: 'overlay',
  1702057286: 'FUSE',
  16914839: '9P',
  12805120: 'Ceph',
  1196443219: 'GPFS',
}

/** The name of a kind of file system that members of one host should not meet on, or undefined. */
export function sharedFilesystem(type: number): string | undefined {
  return SHARED_FILESYSTEMS[type]
}
