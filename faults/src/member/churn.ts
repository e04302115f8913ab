import { filter, firstValueFrom } from 'rxjs'
import { runBare } from './bare.ts'
import type { Running } from './contract.ts'
import type { Watched } from './watched.ts'

interface Generation {
  readonly watch: Watched
  readonly running: Running
}

/** Members of one process, each under a name of its own: the next one competes, the one before it leaves. */
export async function churn(
  create: (name: string) => Promise<Watched>,
  namespace: string,
  takeovers: number,
): Promise<void> {
  let before: Generation | undefined
  for (let number = 0; number < takeovers; number++) {
    const watch = await create(`g${number}`)
    const running = await runBare(watch, namespace, [{ name: 'main' }], 1_000)
    await running.campaign()
    const leads = firstValueFrom(watch.service.observe(namespace).pipe(filter(state => state.role === 'leader')))
    await before?.running.stop()
    await leads
    before = { watch, running }
  }
  await before?.running.stop()
}
