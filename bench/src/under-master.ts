import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileClusterService } from '@dromedary/cluster-file'
import { constant, createContext, from, silentSink } from '@dromedary/core'
import { master } from '@dromedary/master'
import { pump } from './pump.ts'
import type { Counters } from './workload.ts'

/** R1 as a leader runs it. */
export interface MasterRoute extends AsyncDisposable {
  /** Sends one exchange through `master:`, which asks the leadership whether it may enter. */
  send(): unknown
}

/** A member of its own on the file service, alone in its folder, so that it leads at once and goes on renewing. */
export async function masterRoute(counters: Counters): Promise<MasterRoute> {
  const root = mkdtempSync(join(tmpdir(), 'dromedary-bench-'))
  const source = pump()
  const context = createContext({
    name: 'bench-master',
    log: silentSink,
    components: [master, source.component],
    cluster: createFileClusterService({ root }),
    routes: [
      from('master:bench:pump:r1').routeId('r1').setBody(constant('x')).to('direct:r1b'),
      from('direct:r1b')
        .routeId('r1b')
        .process(() => void counters.seen++),
    ],
  })
  await context.start()
  const entry = await source.leading
  return {
    send: () => entry.process(entry.createExchange('in')),
    async [Symbol.asyncDispose]() {
      await context.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
