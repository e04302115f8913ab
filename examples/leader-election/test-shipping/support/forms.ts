import type { SpawnOptions } from '@dromedary/testing/harness'
import type { Built } from './built.ts'

/** Forms in which the example is shipped. */
export type Form = 'built' | 'native'

/** How a member of this form is started, in a process group of its own, as a terminal would. */
export function formOf(form: Form, { app, native }: Built): SpawnOptions {
  const program = form === 'built' ? [process.execPath, `${app}/dist/main.js`] : [native]
  return { command: 'setsid', nodeArgs: program, name: form }
}
