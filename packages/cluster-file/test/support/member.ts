import { createInterface } from 'node:readline'
import { systemClock } from '@dromedary/core'
import { createFileClusterService, type FileClusterOptions } from '../../src/index.ts'

/**
 * A member in a process of its own. Prints `lease <type> <term> <hard end>` before each end counts, `valid <term> <at>`
 * as soon as it is, and `invalid <term>` after it said no. Obeys `block <ms>` with `release`, `exit` or nothing after it.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as FileClusterOptions & { readonly drains?: boolean }
const { drains = true, ...settings } = options
const print = (...words: unknown[]) => process.stdout.write(`${words.join(' ')}\n`)
const service = createFileClusterService({
  ...settings,
  log: {
    isEnabled: () => true,
    write: record => print('log', record.level, record.message, record.error ?? ''),
  },
  onLease: event => print('lease', event.type, event.term, event.hardEndMonotonicMs),
})

const campaign = service.campaign('ns', { participant: 'main' })
campaign.leadership.subscribe(leadership => {
  if (!leadership) return
  const { term } = leadership
  if (leadership.isValid()) print('valid', term, systemClock.monotonic())
  let valid = true
  const look = () => {
    const now = leadership.isValid()
    if (valid && !now) print('invalid', term, systemClock.monotonic())
    if (!valid && now) print('REVIVED', term)
    valid &&= now
    if (valid) setImmediate(() => setTimeout(look, 1))
  }
  look()
  leadership.closing.addEventListener('abort', () => {
    print('closing', term, leadership.closing.reason)
    if (drains) leadership.drained()
  })
  leadership.ended.addEventListener('abort', () => print('ended', term, leadership.ended.reason))
})

createInterface({ input: process.stdin }).on('line', line => {
  const [word, ms, then] = line.split(' ')
  if (word === 'stop') void service.stop({ drainMs: Number(ms ?? 1000) }).then(() => print('stopped'))
  if (word !== 'block') return
  const end = systemClock.monotonic() + Number(ms)
  while (systemClock.monotonic() < end);
  if (then === 'exit') process.exit(1)
  if (then === 'release') void service.stop().then(() => print('stopped'))
})
process.on('SIGTERM', () => {
  void service.stop({ drainMs: 1000 }).then(() => {
    print('stopped')
    process.exit(0)
  })
})

await service.start()
print('started', systemClock.monotonic())
