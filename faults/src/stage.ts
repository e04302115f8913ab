import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { dropScratch, keepOutput, launch, type Member, said, starting } from './launch.ts'
import { type FaultEvent, HARNESS, type Millis, monotonic, type SignalEvent, type ValidEvent } from './log/events.ts'
import { readEvents } from './log/reader.ts'
import { Story } from './log/story.ts'
import { type EventWriter, type LogFiles, openWriter } from './log/writer.ts'
import type { Command, MemberSpec } from './member/contract.ts'
import { check, type Verdict } from './verdict/check.ts'

/** What a scenario may choose for a member; everything else is the stage's. */
export type MemberOptions = Partial<Omit<MemberSpec, 'member' | 'events' | 'exchanges'>> & {
  /** Goes before node on the command line, such as a way into another mount namespace. */
  readonly within?: readonly string[]
}

export interface StageOptions {
  readonly service: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly random: () => number
  /** Only a sample of the cases is wanted. Default false. */
  readonly quick?: boolean
}

/** A `valid` event with the member that wrote it. */
export interface Leader {
  readonly member: Member
  readonly at: Millis
  readonly term: string
}

const open = new Set<Stage>()

const REMOVE = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }

/** How long a member may take to start, on a machine that has other things to do. */
const START_MS = 60_000

/** How long a killed process may take to end the system call that it is in. */
const DEATH_MS = 100

/** When this process ends early. The members go first: a living one would write into the folder while it is removed. */
process.on('exit', () => {
  if (open.size === 0) return
  for (const stage of open) for (const member of stage.members) member.process.kill()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DEATH_MS)
  for (const stage of open) stage.removeFolder()
  dropScratch()
})

/** One folder, one log, and the members that meet there. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'dromedary-faults-'))
  readonly root = join(this.folder, 'root')
  readonly random: () => number
  readonly quick: boolean
  readonly members: Member[] = []
  /** Takeover times, milliseconds. */
  readonly samples: number[] = []
  /** What was measured beside them, in words; printed below the scenario's row. */
  readonly figures: string[] = []
  /** What must stay 0, by the names of the suite's counters. */
  readonly counts = new Map<string, number>()
  /** A sentence for each thing that was found wrong. */
  readonly faults: string[] = []
  /** How many rounds were played, where there were fewer cases than rounds. */
  runs: number | undefined
  /** What the members need besides the folder; disposed of when the stage is closed, after they have ended. */
  readonly owned = new AsyncDisposableStack()
  readonly #options: StageOptions
  readonly #files: LogFiles
  readonly #writer: EventWriter
  readonly #story: Story
  #count = 0
  #closed = false

  constructor(options: StageOptions) {
    this.#options = options
    this.random = options.random
    this.quick = options.quick ?? false
    mkdirSync(this.root)
    this.#files = { events: join(this.folder, 'events.log'), exchanges: join(this.folder, 'exchanges.log') }
    this.#writer = openWriter(this.#files)
    this.#story = new Story(this.#files.events)
    open.add(this)
  }

  /** Starts a process and waits until it competes (or, with `waits`, could). */
  start(options: MemberOptions = {}): Promise<Member> {
    return starting(() => this.#start(options))
  }

  async #start(options: MemberOptions): Promise<Member> {
    this.#count += 1
    const name = `m${this.#count}`
    const { within = [], settings, ...rest } = options
    const spec: MemberSpec = {
      service: this.#options.service,
      root: this.root,
      namespace: 'faults',
      mode: 'bare',
      ...rest,
      settings: { ...this.#options.settings, ...settings },
      member: name,
      ...this.#files,
    }
    const member = await launch(spec, within)
    this.members.push(member)
    const death = member.process.exited.then(exit => {
      throw new Error(`${name} ended (${exit.signal ?? exit.code}) instead of starting: ${said(member)}`)
    })
    const start = this.until(`${name} starts`, event => event.kind === 'start' && event.member === name, START_MS)
    await Promise.race([start, death])
    return member
  }

  /** Starts several at the same time. */
  startAll(count: number, options: MemberOptions = {}): Promise<Member[]> {
    return Promise.all(Array.from({ length: count }, () => this.start(options)))
  }

  /** Everything that members and harness have written, exchanges apart. */
  get events(): readonly FaultEvent[] {
    return this.#story.events
  }

  /** A place in the log: `until` can be told to look only at what comes after it. */
  mark(): number {
    return this.#story.mark()
  }

  /** The first event that fits, after `from` or to come. Rejects in words after `withinMs`. */
  readonly until: Story['until'] = (...wanted) => this.#story.until(...wanted)

  /** Whoever leads the namespace now, waiting for somebody who does. */
  async leader(withinMs = 10_000, namespace = 'faults'): Promise<Leader> {
    const event = this.#story.leading(namespace)
    if (event) return this.#leader(event)
    return this.nextLeader(`somebody leads ${namespace}`, withinMs, this.mark(), namespace)
  }

  /** The first to answer isValid() with true after the mark; not `except`, if given. */
  async nextLeader(
    what: string,
    withinMs: number,
    from: number,
    namespace = 'faults',
    except?: Member,
  ): Promise<Leader> {
    const fits = (event: FaultEvent) =>
      event.kind === 'valid' && event.namespace === namespace && event.member !== except?.name
    return this.#leader(await this.until<ValidEvent>(what, fits, withinMs, from))
  }

  #leader({ member: name, at, term }: ValidEvent): Leader {
    const member = this.members.find(one => one.name === name)
    if (!member) throw new Error(`${name} is on no stage`)
    return { member, at, term }
  }

  /** Waits until every member that runs has said who leads: one that is still coming up follows nobody. */
  async allKnowLeader(withinMs: number): Promise<void> {
    const running = this.members.filter(({ process }) => process.running)
    await Promise.all(running.map(({ process }) => process.waitForLine('leader of faults is', { within: withinMs })))
  }

  /** SIGKILL; when it was sent. */
  kill(member: Member): Millis {
    return this.#signal(member, 'kill', 'SIGKILL')
  }

  /** SIGTERM; when it was sent. */
  terminate(member: Member): Millis {
    return this.#signal(member, 'terminate', 'SIGTERM')
  }

  /** SIGSTOP; when it was sent. */
  stop(member: Member): Millis {
    return this.#signal(member, 'stop', 'SIGSTOP')
  }

  /** SIGCONT; when it was sent. */
  continue(member: Member): Millis {
    return this.#signal(member, 'continue', 'SIGCONT')
  }

  #signal(member: Member, kind: SignalEvent['kind'], signal: NodeJS.Signals): Millis {
    const at = monotonic()
    if (this.#closed) return at
    if (!member.process.signal(signal)) throw new Error(`${member.name} had ended before ${signal}: ${said(member)}`)
    this.#writer.write({ kind, at, member: member.name })
    return at
  }

  tell(member: Member, command: Command): Millis {
    const at = monotonic()
    member.process.writeLine(JSON.stringify(command))
    return at
  }

  /** For the log of the run, beside what the members say. */
  note(text: string): void {
    this.#writer.write({ kind: 'note', at: monotonic(), member: HARNESS, text })
  }

  /** Adds to what must stay 0. */
  count(name: string, more: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + more)
  }

  /** Waits on the real clock. */
  async pause(ms: number): Promise<void> {
    await wait(ms)
  }

  /** The scenario has seen what it wanted: what follows is no gap any more. */
  finish(): void {
    this.#writer.write({ kind: 'finish', at: monotonic(), member: HARNESS })
  }

  /** Ends all members, and says what the log proves. */
  async judge(): Promise<Verdict> {
    await this.#killAll()
    return check(readEvents(this.#files.events), readEvents(this.#files.exchanges))
  }

  async #killAll(): Promise<void> {
    await Promise.all(this.members.map(member => member.process[Symbol.asyncDispose]()))
  }

  removeFolder(): void {
    rmSync(this.folder, REMOVE)
  }

  /** Leaves nothing behind; with `keep` the folder stays. */
  async close(keep = false): Promise<void> {
    this.#closed = true
    await this.#killAll()
    await this.owned.disposeAsync()
    this.#story.close()
    this.#writer.close()
    open.delete(this)
    if (open.size === 0) dropScratch()
    if (keep) for (const member of this.members) keepOutput(member, this.folder)
    else this.removeFolder()
  }
}
