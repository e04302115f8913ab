import { holdSignals } from '@dromedary/main/signals'

holdSignals()
const { dev } = await import('@dromedary/main/dev')
// A saved change of the routes, of what they import, or of application.yaml takes effect in the running application.
await dev({ application: new URL('./application.ts', import.meta.url) })
