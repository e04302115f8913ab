import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FaultEvent } from '../src/log/events.ts'
import { EventTail, parseEvents, readEvents } from '../src/log/reader.ts'
import { openWriter } from '../src/log/writer.ts'

const note = (text: string): FaultEvent => ({ kind: 'note', at: 1, member: 'm1', text })
const sent: FaultEvent = {
  kind: 'exchange',
  at: 2,
  member: 'm1',
  namespace: 'ns',
  term: '7',
  participant: 'p',
  asked: true,
}

describe('the log', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faults-log-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const files = () => ({ events: join(folder, 'events.log'), exchanges: join(folder, 'exchanges.log') })

  it('keeps the order of several writers, and exchanges apart', () => {
    const [one, two] = [openWriter(files()), openWriter(files())]
    one.write(note('first'))
    two.write(note('second'))
    one.write(sent)
    one.write(note('third'))
    expect(readEvents(files().events)).toEqual([note('first'), note('second'), note('third')])
    expect(readEvents(files().exchanges)).toEqual([sent])
    one.close()
    two.close()
  })

  it('loses only the line that a killed writer left half written', () => {
    const writer = openWriter(files())
    writeFileSync(files().events, '\n{"kind":"note","at"', { flag: 'a' })
    writer.write(note('whole'))
    expect(readEvents(files().events)).toEqual([note('whole')])
    expect(parseEvents('\n{"kind":"no')).toEqual([])
    writer.close()
  })

  it('can be followed while it is written', async () => {
    const writer = openWriter(files())
    const seen: FaultEvent[] = []
    const tail = new EventTail(files().events, event => seen.push(event))
    writer.write(note('grün'))
    writer.write(note('blue'))
    await vi.waitFor(() => expect(seen).toEqual([note('grün'), note('blue')]), { timeout: 20_000 })
    tail.close()
    writer.close()
  })
})
