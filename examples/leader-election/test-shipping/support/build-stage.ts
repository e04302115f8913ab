import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join, matchesGlob, relative } from 'node:path'
import { must, ROOT } from '../../../../scripts/run.ts'
import { type Stage, theOnly } from './dockerfile.ts'

/** $1 a folder; the rest is run in the machine's own system, as if it were the image of that stage: what it writes lies in $1/upper. */
const LAYER = `set -e
at=$1 folder=$2; shift 2
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$at/upper,workdir=$at/work" "$at/merged"
for one in proc dev sys; do mount --rbind /$one "$at/merged/$one"; done
mount -t tmpfs tmpfs "$at/merged/tmp"
exec chroot "$at/merged" sh -ec "mkdir -p $folder; cd $folder; $*"`

/**
 * Runs a build stage: COPY of the context, without what `.dockerignore` leaves out, then every RUN, as root in a layer
 * over this machine's system, which stands for the image that the stage begins with. Returns where a path of the stage lies.
 */
export async function runBuildStage(stage: Stage, at: string): Promise<(path: string) => string> {
  for (const folder of ['upper', 'work', 'merged']) mkdirSync(join(at, folder))
  const inside = (path: string) => join(at, 'upper', path)
  const folder = theOnly(stage, 'WORKDIR') ?? '/'
  for (const { name, text } of stage.instructions) {
    if (name === 'COPY') copyContext(text, inside(folder))
    else if (name === 'RUN') await must('unshare', ['-m', 'sh', '-c', LAYER, 'sh', at, folder, text])
    else if (name !== 'WORKDIR') throw new Error(`${name} is not known to this test`)
  }
  return inside
}

function copyContext(text: string, to: string): void {
  if (text !== '. .') throw new Error(`COPY ${text} is not known to this test`)
  const patterns = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter(line => /^[^#]/.test(line))
  const isLeftOut = (path: string) => patterns.some(pattern => matchesGlob(path, pattern))
  cpSync(ROOT, to, { recursive: true, filter: from => !isLeftOut(relative(ROOT, from)) })
}
