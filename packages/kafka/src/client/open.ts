import type { Clock } from '@dromedary/core/component'
import type { ConnectionSettings } from './connection.ts'
import type { KafkaClient } from './port.ts'

/** Makes a client, which connects to nothing yet. Tests put another one in its place. */
export type OpenClient = (connection: ConnectionSettings, clock: Clock) => Promise<KafkaClient>

/** Imports the client only now: that takes most of a second, and 100 MB. Rejects where a file of the TLS settings cannot be read. */
export const openClient: OpenClient = async (connection, clock) => {
  const { openPlatformatic } = await import('./platformatic/index.ts')
  return openPlatformatic(connection, clock)
}
