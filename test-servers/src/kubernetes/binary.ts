import type { Environment } from '../cache.ts'
import type { Report } from '../report.ts'
import { buildProgram, type GoProgram, programFile } from './go-program.ts'

const SERVER: GoProgram = {
  name: 'kube-apiserver',
  expected: 'about 10 minutes on two cores, once',
  instead: 'set KUBEBUILDER_ASSETS',
}

/** Where the binary is, or will be: another file for each content of its sources and for each platform. */
export const binaryFile = (env?: Environment): string => programFile(SERVER, env)

/** The binary with kube-apiserver and etcd; built if it is not in the cache, and then only by one process at a time. */
export const buildBinary = (env?: Environment, report?: Report): Promise<string> => buildProgram(SERVER, env, report)
