import { startKafka } from '@dromedary/test-servers/kafka'
import type { Measurement } from '../measurement.ts'
import { connections } from './connections.ts'
import { consumer } from './consumer.ts'
import { lines } from './lines.ts'
import { type FeedPart, missing, type PartResult, type Site } from './parts.ts'
import { producer } from './producer.ts'
import { partFigures, partLines } from './report.ts'

const PARTS: Readonly<Record<FeedPart, (site: Site) => Promise<PartResult>>> = {
  lines,
  consumer,
  producer,
  connections,
}

/** From a TCP feed to Kafka, and what it is made of: against Camel, the broker's own tools and kafkajs, on one broker. */
export async function feed(parts: readonly FeedPart[], quick: boolean): Promise<Measurement> {
  const note = (text: string) => void process.stderr.write(`feed: ${text}\n`)
  await using kafka = await startKafka({ heap: quick ? '512m' : '1g' })
  const told: string[] = []
  const site = { kafka, quick, note, say: (text: string) => void told.push(text) }
  const figures: Record<string, number> = {}
  for (const part of parts) {
    try {
      const result = await PARTS[part](site)
      // Of a few messages no speed can be told.
      told.push(...partLines(quick ? { ...result, targets: [] } : result))
      Object.assign(figures, partFigures(part, result))
    } catch (error) {
      missing(site, part, error)
    }
  }
  return { name: 'feed', line: told.join('\n'), figures }
}
