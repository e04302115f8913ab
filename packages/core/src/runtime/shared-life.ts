/** What is given to steps from outside, and is started and stopped: a repository. */
export interface Startable {
  start?(): unknown
  stop?(): unknown
}

interface Life {
  users: number
  started: Promise<unknown>
}

/** One may serve several steps, routes and contexts: the first to start starts it, the last to stop stops it. */
const lives = new WeakMap<Startable, Life>()

/** Rejects with what the start failed with; the next user tries again. */
export async function useShared(shared: Startable): Promise<void> {
  const life = lives.get(shared) ?? { users: 0, started: Promise.resolve() }
  lives.set(shared, life)
  life.users++
  // After a stop that is still under way, or has failed.
  if (life.users === 1) life.started = life.started.catch(() => {}).then(() => shared.start?.())
  try {
    await life.started
  } catch (error) {
    life.users--
    throw error
  }
}

/** Whether others use it. */
export const isShared = (shared: Startable): boolean => (lives.get(shared)?.users ?? 0) > 1

export async function releaseShared(shared: Startable): Promise<void> {
  const life = lives.get(shared)
  if (life === undefined || life.users === 0 || --life.users > 0) return
  life.started = life.started.catch(() => {}).then(() => shared.stop?.())
  await life.started
}
