/** Resolves when the work has ended, however, or after so many milliseconds. A broker that does not answer keeps nobody from closing. */
export function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    // The client's own timers are real ones, too.
    const timer = setTimeout(resolve, ms)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    work.then(done, done)
  })
}
