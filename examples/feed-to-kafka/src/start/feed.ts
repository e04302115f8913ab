import { connect } from 'node:net'
import type { Run } from './run-file.ts'

/** Whether the feed of a run still answers. */
export function isAlive({ host, tcpPort }: Run): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(tcpPort, host)
    const answer = (alive: boolean) => {
      socket.destroy()
      resolve(alive)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}
