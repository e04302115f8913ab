import { MemberLease, leaseTiming, momentOf, type Leadership } from '@dromedary/core/cluster'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'

function rng(seed: number) { return () => { seed = (seed * 1664525 + 1013904223) >>> 0; return seed / 2 ** 32 } }
it('fuzz', { timeout: 100_000 }, async () => {
  const problems = new Map<string, number>()
  const process_errors: unknown[] = []
  process.on('unhandledRejection', e => process_errors.push(e))
  for (let seed = 1; seed < 6000; seed++) {
    const r = rng(seed)
    for (let i = 0; i < 5; i++) r()
    const clock = new FakeClock()
    const log: string[] = []
    const bad = (what: string) => { problems.set(what, (problems.get(what) ?? 0) + 1); if (problems.get(what) === 1) console.log(what, seed, log.join(' | ')) }
    const all: { l: Leadership; drained: boolean; p: string }[] = []
    let term = 0n
    let settledTerms = new Set<bigint>()
    const lease: MemberLease = new MemberLease({
      namespace: 'ns', clock, timing: leaseTiming(5000), report: e => bad(`report ${e}`), drainMs: 8000,
      onChange: () => { lease?.role; lease?.renewable },
      onSettled: s => {
        log.push(`settled ${s.term}`)
        if (settledTerms.has(s.term)) bad('settled twice')
        settledTerms.add(s.term)
        for (const a of all) if (a.l.term === s.term && !a.drained) bad('settled over undrained')
        for (const a of all) if (a.l.term === s.term && a.l.isValid()) bad('valid at settle')
      },
    })
    const ps: { c: ReturnType<MemberLease['join']>; left: boolean }[] = []
    const act = (depth: number, own?: { l: Leadership; drained: boolean }) => {
      const x = r()
      if (own && x < 0.35) { if (own.l.closing.aborted) own.drained = true; log.push(`drained ${own.l.term}`); own.l.drained(); return }
      if (own && x < 0.45) { log.push('resign'); own.l.resign('x'); return }
      if (x < 0.6 && ps.length) { const p = ps[Math.floor(r() * ps.length)]!; p.left = true; const ms = r() < 0.3 ? 0 : 3000; log.push(`leave ${ms}`); void p.c.leave(ms); return }
      if (x < 0.7 && ps.length < 5) { join(depth); return }
      if (x < 0.74) { log.push('lost'); lease.lost('taken'); return }
      if (x < 0.78) { log.push('stop'); void lease.stop(r() < 0.5 ? 0 : 2000) ; return }
    }
    const join = (depth: number) => {
      const name = `p${ps.length}`
      log.push(`join ${name}`)
      const entry = { c: lease.join(name), left: false }
      ps.push(entry)
      if (r() < 0.15) return
      entry.c.leadership.subscribe(l => {
        if (!l) return
        const own = { l, drained: false, p: name }
        all.push(own)
        if (!all.every(o => o === own || o.p !== name || !o.l.isValid())) bad('older leadership of the participant still valid')
        l.closing.addEventListener('abort', () => { if (l.accepts()) bad('accepts in closing'); log.push(`closing ${l.term} ${l.closing.reason}`); if (depth < 3 && r() < 0.5) act(depth + 1, own) })
        l.ended.addEventListener('abort', () => { if (!l.closing.aborted) bad('ended before closing'); if (l.isValid()) bad('valid in ended'); log.push(`ended ${l.term}`); if (depth < 3 && r() < 0.5) act(depth + 1, own) })
        if (depth < 3 && r() < 0.3) act(depth + 1, own)
      })
    }
    for (let n = 0; n < 25; n++) {
      const x = r()
      if (x < 0.2) join(0)
      else if (x < 0.4 && lease.mayCompete) { const sent = momentOf(clock); if (r() < 0.3) await clock.advance(3000 * r()); if (lease.mayCompete) { term++; log.push(`grant ${term}`); lease.granted(term, sent) } }
      else if (x < 0.6) { const was = all.filter(a => a.l.ended.aborted); if (lease.renewable) { log.push('renew'); lease.renewed(momentOf(clock)) } for (const a of was) if (a.l.isValid()) bad('revived') }
      else if (x < 0.75) { const own = all[Math.floor(r() * all.length)]; if (own) act(0, own) }
      else if (x < 0.8) act(0)
      else { const ms = r() * 2500; log.push(`+${ms | 0}`); await clock.advance(ms) }
    }
    for (const p of ps) void p.c.leave(0)
    for (let i = 0; i < 3; i++) for (const a of [...all]) { if (a.l.closing.aborted) { a.drained = true; a.l.drained() } }
    const st = lease.stop(0)
    let done = false
    void st.then(() => { done = true })
    await clock.advance(10_000)
    for (const a of [...all]) { if (!a.l.closing.aborted) bad('not closed after stop'); a.drained = true; a.l.drained() }
    await clock.advance(10_000)
    if (!done) bad('stop never resolves')
    if (lease.term) bad('term left')
    if (clock.pending) bad('timers left')
    for (const a of all) if (a.l.isValid()) bad('valid at the end')
  }
  console.log([...problems], process_errors.slice(0, 3))
  expect(problems.size).toBe(0)
})
