import type { Clock } from '@dromedary/core/component'
import type { BaseOptions } from '@platformatic/kafka'
import type { ConnectionSettings } from '../connection.ts'
import type { KafkaClient, MemberSettings, ProducerSettings } from '../port.ts'
import { baseOptions } from './base-options.ts'
import { explain, kindOf } from './failures.ts'
import { PlatformaticMember } from './member.ts'
import { PlatformaticProducer } from './producer.ts'
import { PlatformaticReader } from './reader.ts'

/** `@platformatic/kafka` behind the port. Only files of this folder import it. */
export async function openPlatformatic(connection: ConnectionSettings, clock: Clock): Promise<KafkaClient> {
  const base: BaseOptions = await baseOptions(connection, clock)
  return {
    producer: (settings: ProducerSettings) => new PlatformaticProducer(base, settings),
    member: (settings: MemberSettings) => new PlatformaticMember(base, settings),
    reader: () => new PlatformaticReader(base),
    kindOf,
    explain,
  }
}
