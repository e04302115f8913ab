import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileClusterService } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'dcf-'))
const log = {
  isEnabled: () => true,
  write: (r: any) => console.log(performance.now().toFixed(1), r.level, r.message, r.error ?? ''),
}
const t0 = performance.now()
const mk = (id: string) => createFileClusterService({ root, id, log, stale: 2000 })
const [a, b] = [mk('a'), mk('b')]
for (const m of [a, b]) {
  const c = m.campaign('camel-master', { participant: 'r' })
  c.leadership.subscribe(l => {
    console.log(
      (performance.now() - t0).toFixed(1),
      m.self.id,
      l ? `leads ${l.term} ${l.isValid()} ${l.remainingMs()}` : 'none',
    )
    l?.closing.addEventListener('abort', () => {
      console.log(m.self.id, 'closing', l.closing.reason)
      l.drained()
    })
  })
  await m.start()
}
await new Promise(r => setTimeout(r, 3500))
console.log(readdirSync(root, { recursive: true }))
await a.stop()
console.log('a stopped', performance.now() - t0)
await new Promise(r => setTimeout(r, 1500))
console.log(readdirSync(root, { recursive: true }))
await b.stop()
console.log(readdirSync(root, { recursive: true }))
