import { createWork as createRealWork } from '../../src/feed/member.ts'
import type { WorkFactory } from '../../src/member/contract.ts'

/** What is wrong with the member. */
export type Plant = 'nothing' | 'loses' | 'doubles' | 'reverses' | 'keeps ahead' | 'keeps behind' | 'writes an old term'

interface PlantedRecord {
  readonly topic: string
  readonly value: Buffer | null
  readonly headers?: readonly (readonly [string | Buffer, Buffer | null])[]
}

/** Which of the requests with data is spoilt: there is one, however soon the member is killed. */
const NUMBER = 2
/** How wrong a position is. */
const OFF = 7

/** The member of the suite, whose writing is wrong in one way. */
export const createWork: WorkFactory = async workplace => {
  const { plant, topic } = workplace.spec.settings as { readonly plant: Plant; readonly topic: string }
  await spoil(plant, topic)
  return createRealWork(workplace)
}

async function spoil(plant: Plant, topic: string): Promise<void> {
  const file = new URL('./client/platformatic/transactions.ts', import.meta.resolve('@dromedary/kafka')).href
  const { PlatformaticTransactions } = await import(file)
  const make = PlatformaticTransactions.prototype.producer
  let count = 0
  PlatformaticTransactions.prototype.producer = function (id: string) {
    const producer = make.call(this, id)
    const send = producer.send.bind(producer)
    producer.send = (records: readonly PlantedRecord[]) => {
      const hasData = records.some(record => record.topic === topic)
      const isIt = hasData && ++count === NUMBER
      return send(isIt || plant.startsWith('keeps') ? spoilt(records, plant, topic) : records)
    }
    return producer
  }
}

function spoilt(records: readonly PlantedRecord[], plant: Plant, topic: string): readonly PlantedRecord[] {
  const data = records.filter(record => record.topic === topic)
  const others = records.filter(record => record.topic !== topic)
  switch (plant) {
    case 'loses':
      return [...data.slice(1), ...others]
    case 'doubles':
      return [...data, ...data.slice(-1), ...others]
    case 'reverses':
      return [...data.toReversed(), ...others]
    case 'keeps ahead':
      return records.map(record => (record.topic === topic ? record : moved(record, OFF)))
    case 'keeps behind':
      return records.map(record => (record.topic === topic ? record : moved(record, -OFF)))
    case 'writes an old term':
      return [...data.map(withOldTerm), ...others]
    case 'nothing':
      return records
  }
}

function moved(record: PlantedRecord, by: number): PlantedRecord {
  const kept = JSON.parse(String(record.value))
  // A claim repeats what there was.
  if (kept.batch === 0 || typeof kept.position?.value !== 'number') return record
  return { ...record, value: Buffer.from(JSON.stringify({ ...kept, position: { value: kept.position.value + by } })) }
}

const withOldTerm = (record: PlantedRecord): PlantedRecord => ({
  ...record,
  headers: (record.headers ?? []).map(([name, value]) =>
    String(name) === 'DromedaryClusterTerm' ? [name, Buffer.from('1')] : [name, value],
  ),
})
