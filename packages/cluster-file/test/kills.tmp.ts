import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemberGroup } from '@dromedary/testing/harness'

const root = mkdtempSync(join(tmpdir(), 'dcf-'))
const mode = process.argv[2] ?? 'SIGKILL'
const N = Number(process.argv[3] ?? 20)
await using group = new MemberGroup({
  script: join(import.meta.dirname, 'support/member.ts'),
  args: [JSON.stringify({ root })],
})
const live = new Set<any>()
const spawn = async () => {
  const m = await group.spawn({})
  await m.waitForLine(/^started/)
  live.add(m)
}
for (let i = 0; i < 4; i++) await spawn()
const samples: number[] = []
const reads: string[] = []
let lastTerm = 0n
const leader = async () => {
  for (;;) {
    for (const m of live) {
      const l = m.lines.all.filter((x: any) => x.text.startsWith('valid')).at(-1)
      if (l && BigInt(l.text.split(' ')[1]) > lastTerm)
        return { m, term: BigInt(l.text.split(' ')[1]), at: Number(l.text.split(' ')[2]) }
    }
    await new Promise(r => setTimeout(r, 5))
  }
}
for (let i = 0; i < N; i++) {
  const l = await leader()
  lastTerm = l.term
  await new Promise(r => setTimeout(r, 300 + Math.random() * 300))
  live.delete(l.m)
  const at = mode === 'SIGKILL' ? l.m.kill() : (l.m.signal('SIGTERM'), 0)
  const exited = l.m.exited
  const next = await leader()
  await exited
  const from = mode === 'SIGKILL' ? at : Number(l.m.lines.all.find((x: any) => x.text.startsWith('closing')).at)
  samples.push(next.at - from)
  await spawn()
}
samples.sort((a, b) => a - b)
console.log(
  mode,
  'p50',
  samples[Math.floor(N / 2)]?.toFixed(1),
  'p95',
  samples[Math.floor(N * 0.95)]?.toFixed(1),
  'max',
  samples.at(-1)?.toFixed(1),
)
for (const m of live)
  console.log(
    m.lines.all
      .map((x: any) => x.text)
      .filter((x: string) => x.startsWith('log'))
      .slice(-3)
      .join('\n'),
  )
console.log(readdirSync(root, { recursive: true }).length)
