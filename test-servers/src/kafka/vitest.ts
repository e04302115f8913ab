import { inject } from 'vitest'
import { connectKafka, type KafkaCluster } from './cluster.ts'
import type {} from './global-setup.ts'

/** The cluster of all test files of this run. Whoever stops a broker starts one of his own with `startKafka`. */
export const sharedKafka = (): KafkaCluster => connectKafka(inject('kafka'))
