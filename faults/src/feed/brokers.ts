import { type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'
import { monotonic } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { Site, STUCK_MS } from './site.ts'

/** Hurts a broker under load, and waits until something is committed again; now and then the leader dies meanwhile. */
async function hurt(
  stage: Stage,
  rounds: readonly number[],
  blow: (site: Site, round: number) => Promise<void>,
): Promise<void> {
  const broker = await startKafka()
  stage.owned.use(broker)
  const site = await Site.open(stage, { broker })
  await site.startAll(2)
  for (const round of rounds) {
    await site.working()
    await site.pause(100, 500)
    await blow(site, round)
    const at = monotonic()
    const mark = stage.mark()
    const back = await site.commit(mark, undefined, STUCK_MS).catch(() => undefined)
    if (back !== undefined) stage.samples.push(back.at - at)
    else if (!(await site.unstick())) throw new Error(`nothing was committed within ${STUCK_MS} ms`)
  }
  await site.working()
  await audit(site, { gaps: false })
}

async function restart(broker: KafkaServer, end: 'stop' | 'kill'): Promise<void> {
  await broker[end]()
  await broker.start()
}

/** Every other time the leader dies while the broker is away, so that its successor finds what it left behind. */
async function restartAndKill(site: Site, round: number): Promise<void> {
  const { stage, broker } = site
  const { member } = await site.working()
  await broker[round % 2 === 0 ? 'kill' : 'stop']()
  await site.pause(0, 500)
  stage.kill(member)
  await broker.start()
  await site.start()
}

const BACK = { max: 30_000 }

/** The broker goes away under load, and comes back. Times: from then on until something is committed again. */
export const brokers: readonly Scenario[] = [
  {
    name: 'broker-restart',
    about: 'The broker ends, by turns by SIGTERM and by SIGKILL, and is started again.',
    rounds: { full: 20, quick: 2 },
    bounds: BACK,
    play: (stage, rounds) =>
      hurt(stage, rounds, ({ broker }, round) => restart(broker, round % 2 === 0 ? 'stop' : 'kill')),
  },
  {
    name: 'broker-and-leader',
    about: 'The leader dies while the broker is away.',
    rounds: { full: 10, quick: 0 },
    bounds: BACK,
    play: (stage, rounds) => hurt(stage, rounds, restartAndKill),
  },
  {
    name: 'broker-paused',
    about: 'The broker is frozen for two to nine seconds under load.',
    rounds: { full: 10, quick: 1 },
    bounds: BACK,
    play: (stage, rounds) =>
      hurt(stage, rounds, async ({ broker, pause }) => {
        await broker.pause()
        await pause(2_000, stage.quick ? 4_000 : 9_000)
        await broker.resume()
      }),
  },
]
