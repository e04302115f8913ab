import {
  DromedaryError,
  defineComponent,
  type EndpointAt,
  type EndpointComponent,
  messageOf,
  typeOf,
} from '@dromedary/core/component'
import { TimerConsumer } from './consumer.ts'
import { type TimerOptions, type TimerSettings, timerSchema } from './options.ts'
import { parseTime, usualPattern } from './time.ts'

/** See {@link timer}. */
export interface TimerComponent extends EndpointComponent<'timer', [timerName: string], TimerOptions, null> {}

/** `timer:name`: an exchange with an empty body at each tick. Camel: the timer component. */
export const timer: TimerComponent = defineComponent({
  scheme: 'timer',
  title: 'An exchange with an empty body at each tick.',
  syntax: 'timerName',
  path: { timerName: 'Name of the timer.' },
  options: timerSchema,
  refused: { timer: 'it takes an object of the JVM, java.util.Timer; time comes from the clock of the context' },
  consumes: true,
  produces: false,
  body: typeOf<null>(),
  endpoint(at) {
    const plan = { name: at.path.timerName, settings: at.options, time: firstTime(at), uri: at.uri }
    return { uri: at.uri, consumer: entry => new TimerConsumer(entry, plan) }
  },
})

function firstTime({ options, uri }: EndpointAt<unknown, TimerSettings>): Date | undefined {
  const { time, pattern } = options
  if (time === undefined) return undefined
  const found = attempt(() => parseTime(time, pattern), uri)
  if (found !== undefined) return found
  throw new DromedaryError(
    'DROMEDARY_INVALID_OPTION',
    `timer option time must be a time written ${pattern ?? usualPattern(time)}, not "${time}" in ${uri}`,
  )
}

function attempt<T>(parse: () => T, uri: string): T {
  try {
    return parse()
  } catch (error) {
    throw new DromedaryError('DROMEDARY_INVALID_OPTION', `timer option pattern: ${messageOf(error)}, in ${uri}`)
  }
}
