import type { IdempotentRepository } from './repository.ts'

interface Life {
  users: number
  started: Promise<void>
}

/** One repository may serve several steps, routes and contexts: the first to start starts it, the last to stop stops it. */
const lives = new WeakMap<IdempotentRepository, Life>()

/** Rejects with what the start failed with; the next user tries again. */
export async function useRepository(repository: IdempotentRepository): Promise<void> {
  const life = lives.get(repository) ?? { users: 0, started: Promise.resolve() }
  lives.set(repository, life)
  life.users++
  // After a stop that is still under way, or has failed.
  if (life.users === 1) life.started = life.started.catch(() => {}).then(() => repository.start?.())
  try {
    await life.started
  } catch (error) {
    life.users--
    throw error
  }
}

export async function releaseRepository(repository: IdempotentRepository): Promise<void> {
  const life = lives.get(repository)
  if (life === undefined || life.users === 0 || --life.users > 0) return
  life.started = life.started.catch(() => {}).then(() => repository.stop?.())
  await life.started
}
