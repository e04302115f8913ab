import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FakeClock } from '@dromedary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { contentOf } from '../src/dev/content.ts'
import { ModuleGraph } from '../src/dev/module-graph.ts'
import { DOUBT_MS, LONGEST_MS, QUIET_MS, Quiet } from '../src/dev/quiet.ts'
import { type Changes, Sources } from '../src/dev/sources.ts'
import { temporaryFolder } from './support.ts'

/** One loaded module and one configuration file in a folder of their own; looked at when `look` is called. */
function watched() {
  const clock = new FakeClock()
  const folder = temporaryFolder()
  const [file, yaml] = [join(folder, 'routes.ts'), join(folder, 'application.yaml')]
  const url = pathToFileURL(file).href
  writeFileSync(file, 'one')
  writeFileSync(yaml, 'a: 1')
  const graph = new ModuleGraph(url)
  graph.loaded({ url, version: 0 }, contentOf('one'))
  const changes: Changes[] = []
  const sources = new Sources(clock, graph, change => changes.push(change))
  onTestFinished(() => sources.close())
  sources.configuration([yaml])
  const look = async (ms = QUIET_MS) => {
    sources.refresh()
    await clock.advance(ms)
    return changes.splice(0)
  }
  return { clock, file, yaml, url, graph, sources, look }
}

describe('a look at the files', () => {
  it('goes by their contents, however often they are written', async () => {
    const { file, look } = watched()
    writeFileSync(file, 'one')
    expect(await look()).toEqual([])
  })

  it('finds a module that has another content than the one that was loaded', async () => {
    const { file, url, look } = watched()
    writeFileSync(file, 'two')
    expect(await look()).toEqual([{ modules: [url], configuration: false }])
  })

  it('finds a change of the configuration, and tells it once', async () => {
    const { yaml, look } = watched()
    writeFileSync(yaml, 'a: 2')
    expect(await look()).toEqual([{ modules: [], configuration: true }])
    expect(await look()).toEqual([])
  })

  it.each([
    ['empty', (file: string) => writeFileSync(file, '')],
    ['gone', (file: string) => rmSync(file)],
  ])('does not believe at once that a file is %s', async (_, take) => {
    const { file, url, look } = watched()
    take(file)
    expect(await look()).toEqual([])
    writeFileSync(file, 'two')
    expect(await look()).toEqual([{ modules: [url], configuration: false }])
    // But it does in the end.
    take(file)
    expect(await look()).toEqual([])
    expect(await look(DOUBT_MS + QUIET_MS)).toEqual([{ modules: [url], configuration: false }])
  })

  it('does not take a module that is loaded after a failure for one that was saved again', async () => {
    const { file, url, graph, sources, look } = watched()
    sources.trying()
    sources.tried(false)
    await look()
    const other = `${url}.other.ts`
    writeFileSync(`${file}.other.ts`, 'new')
    graph.link({ url, version: 0 }, other)
    graph.loaded({ url: other, version: 0 }, contentOf('new'))
    expect(await look()).toEqual([])
    writeFileSync(`${file}.other.ts`, 'newer')
    expect(await look()).toEqual([{ modules: [other], configuration: false }])
  })

  it('tries again what was saved again without a change, once something had failed', async () => {
    const { file, url, sources, look } = watched()
    sources.trying()
    sources.tried(false)
    expect(await look()).toEqual([])
    writeFileSync(file, 'one')
    expect(await look()).toEqual([{ modules: [url], configuration: false }])
    expect(await look()).toEqual([])
  })
})

it('what is saved after an attempt began, and before it failed, is tried again', async () => {
  const { file, url, graph, sources, look } = watched()
  // Gone, so that there is no content to compare with: only when it was saved tells.
  rmSync(file)
  graph.renew([url])
  sources.trying()
  writeFileSync(file, 'back')
  sources.tried(false)
  expect(await look()).toEqual([{ modules: [url], configuration: false }])
})

describe('events of the system', () => {
  it('are had for a file that is renamed to its name, and for one in a folder that was gone', async () => {
    const { file, url, clock, sources } = watched()
    const event = () => expect.poll(() => clock.nextIn).toBe(QUIET_MS)
    sources.refresh()
    await clock.advance(QUIET_MS)
    writeFileSync(`${file}~`, 'two')
    renameSync(`${file}~`, file)
    await event()
    await clock.advance(QUIET_MS)

    const folder = join(file, '..')
    rmSync(folder, { recursive: true })
    await event()
    await clock.advance(QUIET_MS + DOUBT_MS)
    mkdirSync(folder)
    await event()
    await clock.advance(QUIET_MS + DOUBT_MS)
    writeFileSync(file, 'three')
    await event()
    expect(url).toMatch(/routes\.ts$/)
  })
})

it('a link is followed: what it leads to may lie in another folder', async () => {
  const { yaml, clock, sources } = watched()
  const target = join(temporaryFolder(), 'shared.yaml')
  writeFileSync(target, 'a: 1')
  rmSync(yaml)
  symlinkSync(target, yaml)
  sources.refresh()
  await clock.advance(QUIET_MS)
  await expect.poll(() => clock.nextIn).toBe(undefined)
  writeFileSync(target, 'a: 2')
  await expect.poll(() => clock.nextIn).toBe(QUIET_MS)
})

describe('quiet', () => {
  it('is when nothing has happened for a moment, but is not waited for without end', async () => {
    const clock = new FakeClock()
    let times = 0
    const quiet = new Quiet(clock, () => times++)
    for (let ms = 0; ms < QUIET_MS * 4; ms++) {
      quiet.happened()
      await clock.advance(1)
    }
    expect(times).toBe(0)
    await clock.advance(QUIET_MS)
    expect(times).toBe(1)
    for (let ms = 0; ms < LONGEST_MS + QUIET_MS; ms += 10) {
      quiet.happened()
      await clock.advance(10)
    }
    expect(times).toBe(2)
  })
})
