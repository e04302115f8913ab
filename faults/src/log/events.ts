/** Milliseconds on the machine's monotonic clock: comparable between the processes of one host. */
export type Millis = number

interface At {
  readonly at: Millis
  /** Unique per process and stage: `m3`. */
  readonly member: string
}

interface OfTerm extends At {
  readonly namespace: string
  /** A bigint in decimal. */
  readonly term: string
}

/** The process is up and has begun to compete. */
export interface StartEvent extends At {
  readonly kind: 'start'
  readonly pid: number
}

/** A hard end was granted or extended. Written before anything may rely on it, because a frozen process logs nothing. */
export interface LeaseEvent extends OfTerm {
  readonly kind: 'lease'
  readonly end: Millis
}

/** `isValid()` was true for the first time for this participant of this term. */
export interface ValidEvent extends OfTerm {
  readonly kind: 'valid'
  readonly participant: string
}

/** `closing` or `ended` aborted. */
export interface LossEvent extends OfTerm {
  readonly kind: 'closing' | 'ended'
  readonly participant: string
  readonly reason: string
  /** What `isValid()` said at that moment; must be false when it ended. */
  readonly valid: boolean
}

/** The participant said that nothing is under way any more. */
export interface DrainedEvent extends OfTerm {
  readonly kind: 'drained'
  readonly participant: string
}

/** One exchange reached the sink. */
export interface ExchangeEvent extends OfTerm {
  readonly kind: 'exchange'
  readonly participant: string
  /** Whether `isValid()` was asked for this very send and said yes; {@link at} is the moment just before the question. */
  readonly asked: boolean
}

/** A transaction was committed, as far as the member that wrote it knows. */
export interface CommitEvent extends OfTerm {
  readonly kind: 'commit'
  /** Counts those of a leader; 0 is its claim of the term, which brings nothing further. */
  readonly number: number
  /** What is committed up to here; undefined where nothing has been yet. */
  readonly position: unknown
}

/** The member is about to stop itself before or after a system call. */
export interface PausingEvent extends At {
  readonly kind: 'pausing'
  readonly place: string
  readonly number: number
}

/** What only people read, and what a scenario waits for. */
export interface NoteEvent extends At {
  readonly kind: 'note'
  readonly text: string
}

/** `kill`: just before SIGKILL is sent, or just before the member calls process.exit. The others: just before the signal is sent. */
export interface SignalEvent extends At {
  readonly kind: 'kill' | 'terminate' | 'stop' | 'continue'
}

/** The scenario is over; from here on members go as they like. */
export interface FinishEvent extends At {
  readonly kind: 'finish'
}

export type FaultEvent =
  | StartEvent
  | LeaseEvent
  | ValidEvent
  | LossEvent
  | DrainedEvent
  | ExchangeEvent
  | CommitEvent
  | PausingEvent
  | NoteEvent
  | SignalEvent
  | FinishEvent

/** Name under which the harness itself logs. */
export const HARNESS = 'harness'

/** The machine's monotonic clock. Read from its source, not from an offset that a preempted process may have taken wrongly. */
export const monotonic = (): Millis => Number(process.hrtime.bigint()) / 1e6
