import { H3 } from 'h3'
import { type Check, reportOf } from '../health/check.ts'
import { drainCheck, loopCheck, type OverdueWork } from '../health/live.ts'
import { ANSWER_WITHIN_MS, type Asker } from './asker.ts'
import type { Question } from './protocol.ts'

/** What the answers are made of. */
export interface AppParts {
  readonly blockedLoopLimitMs: number
  readonly asker: Pick<Asker, 'ask'>
  blockedMs(): number
  overdue(): readonly OverdueWork[]
}

const JSON_TYPE = 'application/json; charset=utf-8'
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The endpoints below `/observe`. Liveness is answered here, without the application's event loop; the rest is asked of it. */
export function probeApp(parts: AppParts): H3 {
  const { asker, blockedLoopLimitMs } = parts
  const live = () => [loopCheck(parts.blockedMs(), blockedLoopLimitMs), drainCheck(parts.overdue())]

  const checked = async (question: 'ready' | 'health', own: () => readonly Check[]): Promise<Response> => {
    const asked = await asker.ask(question)
    if (asked === 'failed') return failed()
    return health(asked === 'late' ? [late(parts)] : [...own(), ...asked.value])
  }
  const shown = async (question: Exclude<Question, 'ready' | 'health'>, type: string): Promise<Response> => {
    const asked = await asker.ask(question)
    if (asked === 'failed') return failed()
    if (asked === 'late') return answer(503, { error: late(parts).data['error'] })
    const { value } = asked
    return typeof value === 'string' ? text(200, value, type) : answer(200, value)
  }

  return new H3({ silent: true, onError: failed })
    .all('/observe/health', () => checked('health', live))
    .all('/observe/health/live', () => health(live()))
    .all('/observe/health/ready', () => checked('ready', () => []))
    .all('/observe/leader', () => shown('leader', JSON_TYPE))
    .all('/observe/metrics', () => shown('metrics', METRICS_TYPE))
    .all('/**', () => answer(404, { error: 'nothing here; there is /observe/health and more below /observe' }))
}

/** Whether or not it is blocked for long enough to be called dead: it could not answer. */
function late({ blockedLoopLimitMs, blockedMs }: AppParts): Check {
  const { name, data } = loopCheck(blockedMs(), blockedLoopLimitMs)
  const error = `the event loop gave no answer within ${ANSWER_WITHIN_MS} ms`
  return { name, status: 'DOWN', data: { ...data, error } }
}

function health(checks: readonly Check[]): Response {
  const report = reportOf(checks)
  return answer(report.status === 'UP' ? 200 : 503, report)
}

/** The log has the error; who asks over the network gets none of it. */
const failed = () => answer(500, { error: 'this could not be told; the log of the application says why' })

const answer = (status: number, value: unknown) => text(status, `${JSON.stringify(value)}\n`, JSON_TYPE)

const text = (status: number, body: string, type: string) =>
  new Response(body, {
    status,
    headers: {
      'content-type': type,
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
