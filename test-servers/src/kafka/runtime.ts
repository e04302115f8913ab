import type { ServerProcess } from '../server-process.ts'
import type { BrokerProcess } from './broker-process.ts'

/** What a command may need of the machine. */
export interface Needs {
  /** By which it can be found. Default: not at all. */
  readonly name?: string
  /** What it may see of the file system, beside its own programs. */
  readonly folder?: string
  /** On which it listens. */
  readonly ports?: readonly number[]
}

/** A program and its arguments. */
export type Command = readonly [file: string, ...args: string[]]

/** Where Java programs of Kafka run: in a JVM of this machine, or in a container. */
export interface Runtime {
  /** The class path with the broker, or with the tools. */
  readonly classPath: string
  /** Flags of the JVM. */
  readonly flags: readonly string[]
  /** The address on which a broker there must listen to be reached at 127.0.0.1. */
  readonly bind: string
  /** The folder of a broker that was formatted once and never started. Default: none. */
  readonly formatted?: string
  /** What to run here, so that the command runs there. */
  command(command: Command, needs?: Needs): Command
  /** The broker of which this process is all that we see. */
  broker(process: ServerProcess, name: string): BrokerProcess
}

/** A command for one of Kafka's programs. */
export const java = ({ classPath, flags }: Runtime, heap: string, ...rest: string[]): Command => [
  'java',
  `-Xmx${heap}`,
  ...flags,
  '-cp',
  classPath,
  ...rest,
]
