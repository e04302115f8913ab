import type { Clock } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import type { Component } from '@dromedary/core/component'

/** What a component may have no use for. */
export type ComponentClaim =
  /** It has a consumer. */
  | 'consumes'
  /** It refuses options that it does not know: neither lenient nor wrapping. */
  | 'strict-options'

/** One component with a source of its own, for one case. */
export interface ComponentFixture {
  readonly component: Component
  /** A valid URI to consume from. */
  readonly uri: string
  /** The clock of the context; all time of the component must come from it. */
  readonly clock: Clock
  /** Of the context, where the component needs one. */
  readonly cluster?: ClusterService
  /** What the component may resolve, such as a delegate. */
  readonly components?: Iterable<Component>
  /** Lets time pass: fake or real. */
  advance(ms: number): Promise<void>
  /** Makes the source offer one message; must resolve by itself. For a timer nothing: the time that passes offers. */
  offer(): void | Promise<void>
  /** An offered message has entered within this, milliseconds. Default 1,000. */
  readonly withinMs?: number
  /** What the component holds open: handles, timers, listeners. 0 after close. */
  held(): number
  dispose?(): void | Promise<void>
}
