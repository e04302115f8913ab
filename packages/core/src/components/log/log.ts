import type { Producer } from '../../component/contract.ts'
import { defineComponent, type EndpointAt } from '../../component/define-component.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { Logger, LogLevel } from '../../logger.ts'
import { formatExchange } from './format-exchange.ts'
import { type LogOptions, logOptions } from './options.ts'
import { Throughput } from './throughput.ts'

/** `log:category`: writes each exchange, or how many come, to the log of the context. */
export const log = defineComponent({
  scheme: 'log',
  title: 'Writes messages, or how many come and how fast, to the log.',
  syntax: 'loggerName',
  path: { loggerName: 'Category of the lines.' },
  options: logOptions,
  consumes: false,
  produces: true,
  endpoint: at => ({ uri: at.uri, producer: () => throughputProducer(at) ?? exchangeProducer(at) }),
})

type At = EndpointAt<{ readonly loggerName: string }, LogOptions>

function exchangeProducer(at: At): Producer {
  const { options } = at
  const level = levelOf(options)
  if (level === undefined) return { external: false, send: () => {} }
  const details = detailsOf(options)
  const loggerFor = loggers(at)
  return {
    external: false,
    send: exchange => {
      const logger = loggerFor(exchange)
      if (!logger.isEnabled(level)) return
      for (const line of formatExchange(exchange, options)) logger.log(level, line, details)
    },
  }
}

/** Undefined when the endpoint writes the messages themselves. */
function throughputProducer({ path, options, init }: At): Producer | undefined {
  const { groupSize, groupInterval, groupDelay, groupActiveOnly } = options
  const { clock } = init.context
  const logger = init.context.logger(path.loggerName)
  const level = levelOf(options)
  const details = detailsOf(options)
  const write = (line: string) => level !== undefined && logger.log(level, line, details)
  const grouping =
    groupSize !== undefined
      ? { size: groupSize }
      : groupInterval !== undefined
        ? { interval: groupInterval, delay: groupDelay ?? groupInterval, activeOnly: groupActiveOnly }
        : undefined
  if (grouping === undefined) return undefined
  const throughput = new Throughput(clock, grouping, write)
  return {
    external: false,
    start: () => throughput.start(),
    send: () => throughput.count(),
    close: () => throughput.stop(),
  }
}

const levelOf = ({ level }: LogOptions) => (level === 'OFF' ? undefined : (level.toLowerCase() as LogLevel))
const detailsOf = ({ marker }: LogOptions) => (marker === undefined ? undefined : { fields: { marker } })

/** A logger for each endpoint that exchanges come from, which its lines name without the query. */
function loggers({ path, init }: At): (exchange: Exchange) => Logger {
  const known = new Map<string, Logger>()
  return ({ fromEndpoint }) => {
    let logger = known.get(fromEndpoint)
    if (logger === undefined) {
      const origin = fromEndpoint.split('?')[0]
      logger = init.context.logger(path.loggerName, origin === '' ? undefined : origin)
      known.set(fromEndpoint, logger)
    }
    return logger
  }
}
